import { assertMarbles } from 'rx-watcher/testing';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';

/** Returns a function that expects a source without notifications, and throws the message of the failed expectation. */
const failing = (marbles: string) => () => {
  const scheduler = new TestScheduler(assertMarbles);
  scheduler.run(({ hot, expectObservable }) => expectObservable(hot(marbles)).toBe('-'));
};

describe('the error message of assertMarbles', () => {
  it.each(['-(abc)--d', '(ab)c', '(ab)-(cd)--(e|)', '-(abc) 1000ms d', '--#'])(
    'the error message of assertMarbles contains the marble diagram of the source exactly as the test has written it: %s',
    (marbles) => {
      expect(failing(marbles)).toThrow(`actual   ${marbles}\n`);
    },
  );
});
