import { AssertionError } from 'node:assert';
import { StoreError } from 'rx-watcher';
import { assertMarbles, event } from 'rx-watcher/testing';
import { concat, of, timer } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { failureLines } from './failure-lines.ts';

describe('assertMarbles for equal marble diagrams', () => {
  it('assertMarbles accepts diagrams with equal values, errors, ends and subscriptions', () => {
    new TestScheduler(assertMarbles).run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('a-(bc)-#', { a: event(), b: [event()] }, new StoreError('disk full'));

      expectObservable(source).toBe('a-(bc)-#', { a: event(), b: [event()] }, new StoreError('disk full'));
      expectObservable(source, '-^!').toBe('-a', { a: event() });
      expectObservable(cold('-a|')).toEqual(cold('-a|'));
      expectObservable(cold('-- 3s |')).toBe('-- 3s |');
      expectSubscriptions(source.subscriptions).toBe(['^------!', '-^!']);
    });
  });
});

describe('the error message of assertMarbles for different marble diagrams', () => {
  it('the error message of assertMarbles shows the expected and the actual diagram if only times differ', () => {
    expect(
      failureLines(({ cold, expectObservable }) => expectObservable(cold('a--b|')).toBe('a-b-|')),
    ).toEqual(['expected a-b-|', 'actual   a--b|', "  a = 'a'", "  b = 'b'"]);
  });

  it('the error message of assertMarbles contains a legend with one character for each distinct value', () => {
    expect(
      failureLines(({ cold, expectObservable }) =>
        expectObservable(cold('a-b-c', { a: 1, b: { n: 2 }, c: 1 })).toBe('a-b-c', {
          a: 1,
          b: { n: 3 },
          c: 1,
        }),
      ),
    ).toEqual(['expected a-b-a', 'actual   a-c-a', '  a = 1', '  b = { n: 3 }', '  c = { n: 2 }']);
  });

  it('the error message of assertMarbles shows a diagram without its end, and (nothing) for a diagram without notifications', () => {
    expect(failureLines(({ cold, expectObservable }) => expectObservable(cold('--')).toBe('--|'))).toEqual([
      'expected --|',
      'actual   (nothing)',
    ]);
    expect(failureLines(({ cold, expectObservable }) => expectObservable(cold('-#')).toBe('-|'))).toEqual([
      'expected -|',
      'actual   -#',
      "  # actual = 'error'",
    ]);
  });

  it('the error message of assertMarbles shows the expected and the actual error without their stacks', () => {
    expect(
      failureLines(({ cold, expectObservable }) =>
        expectObservable(cold('-#', {}, new StoreError('disk full'))).toBe('-#', {}, new Error('full')),
      ),
    ).toEqual([
      'expected -#',
      'actual   -#',
      '  # expected = Error: full',
      '  # actual = StoreError: disk full',
    ]);
  });

  it('the error message of assertMarbles shows an error only once if the expected and the actual error are equal', () => {
    expect(
      failureLines(({ cold, expectObservable }) =>
        expectObservable(cold('--#', {}, new Error('no'))).toBe('-#', {}, new Error('no')),
      ),
    ).toEqual(['expected -#', 'actual   --#', '  # = Error: no']);
  });

  it('the error message of assertMarbles shows all properties of different errors with the same message', () => {
    const [seven, eight] = [7, 8].map((code) => Object.assign(new Error('no'), { code }));

    expect(
      failureLines(({ cold, expectObservable }) =>
        expectObservable(cold('#', {}, seven)).toBe('#', {}, eight),
      ),
    ).toEqual([
      'expected #',
      'actual   #',
      '  # expected = Error: no { code: 8 }',
      '  # actual = Error: no { code: 7 }',
    ]);
  });

  it('the error message of assertMarbles shows the expected and the actual subscriptions', () => {
    expect(
      failureLines(({ cold, expectSubscriptions }) => {
        const source = cold('a');
        source.subscribe();
        source.subscribe().unsubscribe();
        expectSubscriptions(source.subscriptions).toBe('-^--!');
      }),
    ).toEqual(['expected -^--!', 'actual   ^', 'actual   (^!)']);
  });

  it('the error message of assertMarbles shows groups and long pauses in the syntax of the run mode of TestScheduler', () => {
    const [expected, actual] = ['-- 24ms (abc|)', '25ms (ab)-c 2m |'];

    expect(
      failureLines(({ cold, expectObservable }) => expectObservable(cold(actual)).toBe(expected)).slice(0, 2),
    ).toEqual(['expected 26ms (abc|)', 'actual   25ms (ab)-c 120000ms |']);
  });

  it('the error message of assertMarbles shows the frame of a notification that the syntax of the run mode cannot express', () => {
    const soon = (scheduler: TestScheduler) =>
      concat(of('a', 'b'), timer(1, scheduler), timer(0.5, scheduler));

    expect(
      failureLines(({ expectObservable }, scheduler) => expectObservable(soon(scheduler)).toBe('-')).slice(
        0,
        2,
      ),
    ).toEqual(['expected (nothing)', 'actual   (ab) at 1ms c at 1.5ms (c|)']);
  });

  it('the error message of assertMarbles contains a different character for each of 60 values', () => {
    const lines = failureLines(({ cold, expectObservable }) => {
      expectObservable(cold('(a|)')).toBe('(a|)');
      expectObservable(of(...Array.from({ length: 60 }, (_, n) => n))).toBe('|');
    });

    const characters = lines.slice(2).map((line) => line.trim()[0]);
    expect(new Set(characters).size).toBe(60);
    expect(lines[1]).toBe(`actual   (${characters.join('')}|)`);
  });

  it('assertMarbles throws an AssertionError with the actual and the expected notifications', () => {
    const [actual, expected] = [[{ frame: 1, notification: { kind: 'C' } }], []];

    const failure = expect.objectContaining({ actual, expected, code: 'ERR_ASSERTION' });
    expect(() => assertMarbles(actual, expected)).toThrow(failure);
    expect(() => assertMarbles(actual, expected)).toThrow(AssertionError);
  });
});
