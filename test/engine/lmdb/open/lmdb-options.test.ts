import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { eachDirectory } from '../../../conformance/each-directory.ts';
import { faultsOf } from './refused-options.ts';

let path: string;

eachDirectory((directory) => {
  path = directory.file('events.lmdb');
});

describe('openLmdbStore refuses', () => {
  test('neither path nor env, and a path that is none', () => {
    expect(faultsOf({})).toEqual(['path']);
    expect(faultsOf({ path: '' })).toEqual(['path']);
    expect(faultsOf({ path: 7 })).toEqual(['path']);
    expect(new Set(faultsOf(undefined))).toEqual(new Set(['']));
  });

  test('everything that is wrong at once, and touches no file', () => {
    const faults = faultsOf({
      path,
      eventsBucket: '',
      checkpointBucket: 5,
      longPollingTimeout: -1,
      scheduler: {},
    });

    expect(faults).toEqual(['checkpointBucket', 'eventsBucket', 'longPollingTimeout', 'scheduler']);
    expect(existsSync(path)).toBe(false);
  });

  test('one bucket for both events and checkpoints', () => {
    expect(faultsOf({ path, eventsBucket: 'log', checkpointBucket: 'log' })).toEqual(['checkpointBucket']);
    expect(faultsOf({ path, checkpointBucket: 'events' })).toEqual(['checkpointBucket']);
    expect(existsSync(path)).toBe(false);
  });
});
