import { existsSync } from 'node:fs';
import * as t from 'io-ts';
import { jsonSerializer } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { asapScheduler } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { eachDirectory } from '../../../support/each-directory.ts';
import { faultsOf } from './refused-options.ts';

const logger = { debug() {}, info() {}, warn() {}, error() {} };

/** Valid and invalid values of each option. */
const table: Readonly<Record<string, readonly [valid: readonly unknown[], invalid: readonly unknown[]]>> = {
  cacheSize: [
    [0, 1, 1e6],
    [-1, 0.5, '5', null, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53],
  ],
  maxEventBytes: [
    [1, 2 ** 30],
    [0, -1, 1.5, '5', Number.POSITIVE_INFINITY],
  ],
  longPollingTimeout: [
    [0, 0.5, 1e9, Number.POSITIVE_INFINITY],
    [-1, Number.NaN, '5', null],
  ],
  gcAgeThreshold: [
    [0, 0.5, 1e12],
    [-1, Number.NaN, Number.POSITIVE_INFINITY, '5'],
  ],
  gcCadence: [
    [1, 1.5, 2 ** 31 - 1],
    [0, -1, 2 ** 31, Number.POSITIVE_INFINITY, '5'],
  ],
  gcMaxRecordsPerRun: [
    [1, 1e9],
    [0, -1, 1.5, Number.POSITIVE_INFINITY],
  ],
  gcMaxDuration: [
    [0, 0.5, 1e9],
    [-1, Number.NaN, Number.POSITIVE_INFINITY],
  ],
  retention: [
    [{}, { maxEvents: 0 }, { maxAge: 0.5 }, { maxBytes: 0 }, { maxEvents: undefined, maxBytes: 5 }],
    [
      5,
      null,
      { maxEvents: -1 },
      { maxAge: Number.NaN },
      { maxAge: '1d' },
      { maxBytes: 0.5 },
      { maxEvents: Number.POSITIVE_INFINITY },
      { maxBytes: '5' },
    ],
  ],
  serializer: [[jsonSerializer()], [{}, null, { encode() {} }, { decode() {} }, jsonSerializer]],
  codecs: [
    [{}, { Job: t.string }],
    [5, null, { Job: 'string' }, { Job: { is() {} } }],
  ],
  scheduler: [[asapScheduler], [{}, null, 5, () => 5]],
  logger: [
    [logger, console],
    [{}, null, { ...logger, warn: 'loud' }, () => undefined],
  ],
};

const cases = (column: 0 | 1) =>
  Object.entries(table).flatMap(([option, values]) =>
    values[column].map((value): [string, unknown] => [option, value]),
  );

describe('openLmdbStore', () => {
  let path: string;

  eachDirectory((directory) => {
    path = directory.file('events.lmdb');
  });

  test.each(cases(0))('openLmdbStore accepts the option %s with the value %o', async (option, value) => {
    await openLmdbStore({ path, [option]: value as never }).close();
  });

  test.each(cases(1))(
    'openLmdbStore rejects the option %s with the value %o and creates no file',
    (option, value) => {
      const paths = faultsOf({ path, [option]: value });

      expect(new Set(paths.map((fault) => fault.split('.')[0]))).toEqual(new Set([option]));
      expect(existsSync(path)).toBe(false);
    },
  );

  test('openLmdbStore applies the default value of each option that is undefined', async () => {
    const none = Object.fromEntries(Object.keys(table).map((option) => [option, undefined]));

    await openLmdbStore({ path, ...none }).close();
  });
});
