import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { StoreError } from '../../src/errors.ts';
import { serializedErrors } from '../../src/store/dead-letter.ts';
import { odd } from '../support/odd-failures.ts';

describe('serializedErrors', () => {
  it('serializedErrors returns the chain of causes up to the first value that is not an Error', () => {
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

  it('serializedErrors includes the code of a system error', () => {
    const error = Object.assign(new Error('no such file'), { code: 'ENOENT', errno: -2 });
    expect(serializedErrors(error)).toMatchObject([{ name: 'Error', code: 'ENOENT' }]);
  });

  it('serializedErrors includes name, code, stack and causes of an error from another JavaScript realm', () => {
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

  it('serializedErrors returns 16 errors for an error that is its own cause', () => {
    const error = new Error('circular');
    error.cause = error;
    expect(serializedErrors(error)).toHaveLength(16);
  });

  it.each(odd)('serializedErrors returns only strings in each error for %s', (_name, thrown) => {
    for (const errors of [
      serializedErrors(thrown),
      serializedErrors(new Error('outer', { cause: thrown })),
    ]) {
      expect(JSON.parse(JSON.stringify(errors))).toEqual(errors);
      for (const part of errors.flatMap((error) => Object.values(error))) expect(typeof part).toBe('string');
    }
  });
});
