import { createManager } from 'rx-watcher';
import { createInspector, type InspectorOptions } from 'rx-watcher/inspector';
import { createMemoryStore } from 'rx-watcher/memory';
import { describe, expect, it } from 'vitest';

const store = createMemoryStore();

describe('createInspector', () => {
  it.each([
    ['no options', undefined, /must be an object such as \{ store, manager \}/],
    ['no store', {}, /store: must be a store; received undefined/],
    [
      'a Promise of a store',
      { store: Promise.resolve(store) },
      /must be a store; received a Promise: await it first/,
    ],
    [
      'an unknown option',
      { store, readonly: false },
      /readonly: is not a known option; did you mean 'readOnly'\?/,
    ],
    [
      'a manager without the methods of a manager',
      { store, manager: {} },
      /manager: must be a manager; received an object/,
    ],
    ['a text as readOnly', { store, readOnly: 'no' }, /readOnly: must be true or false/],
    ['a redact that is not a function', { store, redact: true }, /redact: must be a function; received true/],
    ['a redactError that is not a function', { store, redactError: 1 }, /redactError: must be a function/],
    [
      'readOnly: false without a manager',
      { store, readOnly: false },
      /readOnly: must be true without a manager/,
    ],
    [
      'a manager of another store',
      { store, manager: createManager(createMemoryStore()) },
      /manager: must be a manager of the store/,
    ],
  ])('createInspector rejects %s', (_case, options, message) => {
    const create = () => createInspector(options as unknown as InspectorOptions);
    expect(create).toThrow(message);
    expect(create).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTIONS' }));
  });

  it('createInspector accepts the manager of a store that wraps the store', () => {
    const wrapped = { ...store };
    expect(() => createInspector({ store: wrapped, manager: createManager(store) })).not.toThrow();
  });
});
