import { AssertionError } from 'node:assert';
import { StoreError } from 'rx-watcher';
import { assertMarbles, event } from 'rx-watcher/testing';
import { concat, of, timer } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { toldDifference } from './told-difference.ts';

describe('diagrams that are met', () => {
  it('are passed over in silence: values, errors, ends and subscriptions', () => {
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

describe('diagrams that differ', () => {
  it('in their moments are shown one above the other', () => {
    expect(
      toldDifference(({ cold, expectObservable }) => expectObservable(cold('a--b|')).toBe('a-b-|')),
    ).toEqual(['expected a-b-|', 'actual   a--b|', "  a = 'a'", "  b = 'b'"]);
  });

  it('in a value show what each letter is; values that are equal have one', () => {
    expect(
      toldDifference(({ cold, expectObservable }) =>
        expectObservable(cold('a-b-c', { a: 1, b: { n: 2 }, c: 1 })).toBe('a-b-c', {
          a: 1,
          b: { n: 3 },
          c: 1,
        }),
      ),
    ).toEqual(['expected a-b-a', 'actual   a-c-a', '  a = 1', '  b = { n: 3 }', '  c = { n: 2 }']);
  });

  it('in their ends show them, and nothing as nothing', () => {
    expect(toldDifference(({ cold, expectObservable }) => expectObservable(cold('--')).toBe('--|'))).toEqual([
      'expected --|',
      'actual   (nothing)',
    ]);
    expect(toldDifference(({ cold, expectObservable }) => expectObservable(cold('-#')).toBe('-|'))).toEqual([
      'expected -|',
      'actual   -#',
      "  # actual = 'error'",
    ]);
  });

  it('in an error show which was expected, without their stacks', () => {
    expect(
      toldDifference(({ cold, expectObservable }) =>
        expectObservable(cold('-#', {}, new StoreError('disk full'))).toBe('-#', {}, new Error('full')),
      ),
    ).toEqual([
      'expected -#',
      'actual   -#',
      '  # expected = Error: full',
      '  # actual = StoreError: disk full',
    ]);
  });

  it('elsewhere than in their error show that once', () => {
    expect(
      toldDifference(({ cold, expectObservable }) =>
        expectObservable(cold('--#', {}, new Error('no'))).toBe('-#', {}, new Error('no')),
      ),
    ).toEqual(['expected -#', 'actual   --#', '  # = Error: no']);
  });

  it('in what an error says besides its message show all of it', () => {
    const [seven, eight] = [7, 8].map((code) => Object.assign(new Error('no'), { code }));

    expect(
      toldDifference(({ cold, expectObservable }) =>
        expectObservable(cold('#', {}, seven)).toBe('#', {}, eight),
      ),
    ).toEqual([
      'expected #',
      'actual   #',
      '  # expected = Error: no { code: 8 }',
      '  # actual = Error: no { code: 7 }',
    ]);
  });

  it('in their subscriptions show each of those', () => {
    expect(
      toldDifference(({ cold, expectSubscriptions }) => {
        const source = cold('a');
        source.subscribe();
        source.subscribe().unsubscribe();
        expectSubscriptions(source.subscriptions).toBe('-^--!');
      }),
    ).toEqual(['expected -^--!', 'actual   ^', 'actual   (^!)']);
  });

  it('show groups and long gaps as they are written', () => {
    const [expected, actual] = ['-- 24ms (abc|)', '25ms (ab)-c 2m |'];

    expect(
      toldDifference(({ cold, expectObservable }) => expectObservable(cold(actual)).toBe(expected)).slice(
        0,
        2,
      ),
    ).toEqual(['expected 26ms (abc|)', 'actual   25ms (ab)-c 120000ms |']);
  });

  it('tell the moment of what no diagram can say', () => {
    const soon = (scheduler: TestScheduler) =>
      concat(of('a', 'b'), timer(1, scheduler), timer(0.5, scheduler));

    expect(
      toldDifference(({ expectObservable }, scheduler) => expectObservable(soon(scheduler)).toBe('-')).slice(
        0,
        2,
      ),
    ).toEqual(['expected (nothing)', 'actual   (ab) at 1ms c at 1.5ms (c|)']);
  });

  it('have a letter for each of many values', () => {
    const lines = toldDifference(({ cold, expectObservable }) => {
      expectObservable(cold('(a|)')).toBe('(a|)');
      expectObservable(of(...Array.from({ length: 60 }, (_, n) => n))).toBe('|');
    });

    const letters = lines.slice(2).map((line) => line.trim()[0]);
    expect(new Set(letters).size).toBe(60);
    expect(lines[1]).toBe(`actual   (${letters.join('')}|)`);
  });

  it('give the test runner what differs', () => {
    const [actual, expected] = [[{ frame: 1, notification: { kind: 'C' } }], []];

    const failure = expect.objectContaining({ actual, expected, code: 'ERR_ASSERTION' });
    expect(() => assertMarbles(actual, expected)).toThrow(failure);
    expect(() => assertMarbles(actual, expected)).toThrow(AssertionError);
  });
});
