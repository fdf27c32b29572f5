import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { StoreError } from '../../src/errors.ts';
import { serializedErrors } from '../../src/store/dead-letter.ts';
import { odd } from '../handling/odd-failures.ts';

describe('an error in a dead letter', () => {
  it('is told with its causes, down to what is no Error', () => {
    const [low, middle, high] = [new RangeError('low'), new Error('middle'), new StoreError('high')];
    middle.cause = low;
    low.cause = { code: 5 };
    high.cause = middle;

    expect(serializedErrors(high)).toEqual([
      { name: 'StoreError', message: 'high', code: 'ERR_STORE', stack: high.stack },
      { name: 'Error', message: 'middle', stack: middle.stack },
      { name: 'RangeError', message: 'low', stack: low.stack },
      { name: 'object', message: '[object Object]' },
    ]);
  });

  it('has the code of an error of the system', () => {
    const error = Object.assign(new Error('no such file'), { code: 'ENOENT', errno: -2 });
    expect(serializedErrors(error)).toMatchObject([{ name: 'Error', code: 'ENOENT' }]);
  });

  it('of another realm has its name, code and stack, and its causes', () => {
    const error = runInNewContext(`
      const low = new RangeError('low');
      Object.assign(new TypeError('high', { cause: low }), { code: 'ERR_HIGH' });
    `);
    expect(error).not.toBeInstanceOf(Error);

    expect(serializedErrors(error)).toEqual([
      { name: 'TypeError', message: 'high', code: 'ERR_HIGH', stack: error.stack },
      { name: 'RangeError', message: 'low', stack: error.cause.stack },
    ]);
  });

  it('ends, though it is its own cause', () => {
    const error = new Error('round and round');
    error.cause = error;
    expect(serializedErrors(error)).toHaveLength(16);
  });

  it.each(odd)('is text, whatever was thrown: %s', (_what, thrown) => {
    for (const told of [serializedErrors(thrown), serializedErrors(new Error('outer', { cause: thrown }))]) {
      expect(JSON.parse(JSON.stringify(told))).toEqual(told);
      for (const part of told.flatMap((error) => Object.values(error))) expect(typeof part).toBe('string');
    }
  });
});
