import * as library from 'rx-watcher';
import { describe, expect, test } from 'vitest';

const cause = new Error('the reason');
const faults = [
  { path: 'object.user.name', message: 'expected string, got 5' },
  { path: '', message: 'expected more' },
];

/** One error of each class, with its stable code and the parts that its message must contain. */
const table: readonly [library.WatcherLibraryError, string, readonly string[]][] = [
  [new library.WatcherAlreadyExistsError('w'), 'ERR_WATCHER_ALREADY_EXISTS', ["'w'"]],
  [new library.WatcherAlreadyRunningError('w'), 'ERR_WATCHER_ALREADY_RUNNING', ["'w'"]],
  [new library.WatcherNotFoundError('w'), 'ERR_WATCHER_NOT_FOUND', ["'w'"]],
  [new library.NoHandlerError('w'), 'ERR_NO_HANDLER', ["'w'"]],
  [new library.SchemaError('zod', []), 'ERR_SCHEMA', ['zod']],
  [new library.HandlerExistsError('w'), 'ERR_HANDLER_EXISTS', ["'w'"]],
  [new library.InvalidStateError('w', 'start', 'running'), 'ERR_INVALID_STATE', ["'w'", 'start', 'running']],
  [
    new library.InvalidOptionsError('options', faults),
    'ERR_INVALID_OPTIONS',
    ['object.user.name: expected string', 'expected more'],
  ],
  [
    new library.InvalidRequestError(faults),
    'ERR_INVALID_REQUEST',
    ['object.user.name: expected string', 'nothing was stored'],
  ],
  [new library.DuplicateIdError('e1', 4, ['key']), 'ERR_DUPLICATE_ID', ["'e1'", 'event 4', 'key', 'nothing']],
  [new library.CheckpointError('w', 'backwards', { cause }), 'ERR_CHECKPOINT', ["'w'", 'backwards']],
  [new library.LeaseLostError('w', 4, 'the newest is 5'), 'ERR_LEASE_LOST', ["'w'", '4', 'newest is 5']],
  [
    new library.EventHandlingError('w', 7, 3, cause),
    'ERR_EVENT_HANDLING',
    ["'w'", 'event 7', '3', 'the reason'],
  ],
  [
    new library.SerializationError('Job', faults, { cause }),
    'ERR_SERIALIZATION',
    ["'Job'", 'object.user.name'],
  ],
  [
    new library.DeserializationError(faults, { seqNum: 9, cause }),
    'ERR_DESERIALIZATION',
    ['event 9', 'object.user.name'],
  ],
  [new library.SequenceTrimmedError(3, 10), 'ERR_SEQUENCE_TRIMMED', ['3', '10']],
  [
    new library.CopyConflictError(7, 'the source ends at 5', { cause }),
    'ERR_COPY_CONFLICT',
    ['event 7', 'ends at 5'],
  ],
  [new library.StoreClosedError(), 'ERR_STORE_CLOSED', ['closed']],
  [new library.TimeoutError('the watcher', 30), 'ERR_TIMEOUT', ['the watcher', '30 ms']],
  [new library.StoreError('disk full', { cause }), 'ERR_STORE', ['disk full']],
  [
    new library.PartialBatchError([7, 9], 3, new Error('no room')),
    'ERR_PARTIAL_BATCH',
    ['2 of 3', '7, 9', 'no room'],
  ],
];

const errors = table.map(([error, code, parts]) => ({ name: error.constructor.name, error, code, parts }));

describe('the error classes of the library', () => {
  test.each(errors)(
    'the error classes of the library include $name, a WatcherLibraryError with the code $code',
    ({ name, error, code, parts }) => {
      expect(error).toBeInstanceOf(Error);
      expect(error).toBeInstanceOf(library.WatcherLibraryError);
      expect(error.code).toBe(code);
      expect(error.name).toBe(name);
      expect(String(error)).toMatch(new RegExp(`^${name}: `));
      expect(error.stack).toContain('errors.test.ts');
      for (const part of parts) expect(error.message).toContain(part);
    },
  );

  test('the table of this test lists every error class that the library exports', () => {
    const exported = Object.entries(library)
      .filter(
        ([, value]) => typeof value === 'function' && value.prototype instanceof library.WatcherLibraryError,
      )
      .map(([name]) => name);

    expect(errors.map(({ name }) => name).sort()).toEqual(exported.sort());
  });

  test('each error class of the library has a different code', () => {
    expect(new Set(errors.map(({ code }) => code)).size).toBe(errors.length);
  });

  test('the error classes of the library keep the cause that is passed to their constructor', () => {
    const withCause = errors.filter(({ error }) => error.cause === cause).map(({ name }) => name);

    expect(withCause).toEqual([
      'CheckpointError',
      'EventHandlingError',
      'SerializationError',
      'DeserializationError',
      'CopyConflictError',
      'StoreError',
    ]);
  });

  test('the error classes of the library have a property for each detail that their message contains', () => {
    expect(new library.InvalidOptionsError('options', faults).faults).toEqual(faults);
    expect(new library.InvalidRequestError(faults).faults).toEqual(faults);
    expect(new library.SerializationError('Job', faults).faults).toEqual(faults);
    expect(new library.DeserializationError(faults, { seqNum: 9 })).toMatchObject({ faults, seqNum: 9 });
    expect(new library.DeserializationError(faults).seqNum).toBeUndefined();
    expect(new library.CheckpointError('w', 'why')).toMatchObject({ watcherId: 'w' });
    expect(new library.LeaseLostError('w', 4, 'why')).toMatchObject({ watcherId: 'w', token: 4 });
    expect(new library.SequenceTrimmedError(3, 10)).toMatchObject({ requested: 3, oldest: 10 });
    expect(new library.CopyConflictError(7, 'why')).toMatchObject({ seqNum: 7 });
    expect(new library.EventHandlingError('w', 7, 3, 'text')).toMatchObject({
      watcherId: 'w',
      seqNum: 7,
      attempts: 3,
      cause: 'text',
    });
  });
});

test.each(errors)(
  'the error class $name has the same name property when a bundler renames the class',
  ({ name, error }) => {
    const renamed = class B extends (error.constructor as new () => Error) {};

    expect(Object.create(renamed.prototype).name).toBe(name);
  },
);
