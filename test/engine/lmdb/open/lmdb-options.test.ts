import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { eachDirectory } from '../../../support/each-directory.ts';
import { faultsOf } from './refused-options.ts';

let path: string;

eachDirectory((directory) => {
  path = directory.file('events.lmdb');
});

describe('openLmdbStore', () => {
  test('openLmdbStore rejects options that have neither path nor env, and a path that is not valid', () => {
    expect(faultsOf({})).toEqual(['path']);
    expect(faultsOf({ path: '' })).toEqual(['path']);
    expect(faultsOf({ path: 7 })).toEqual(['path']);
    expect(new Set(faultsOf(undefined))).toEqual(new Set(['']));
  });

  test('openLmdbStore rejects options with several faults by one error that lists all faults, and creates no file', () => {
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

  test('openLmdbStore rejects options with the same bucket name for events and checkpoints', () => {
    expect(faultsOf({ path, eventsBucket: 'log', checkpointBucket: 'log' })).toEqual(['checkpointBucket']);
    expect(faultsOf({ path, checkpointBucket: 'events' })).toEqual(['checkpointBucket']);
    expect(existsSync(path)).toBe(false);
  });
});
