import { assertMarbles } from 'rx-watcher/testing';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';

/** Returns a function that throws the message of a source that was expected to be silent. */
const failing = (marbles: string) => () => {
  const scheduler = new TestScheduler(assertMarbles);
  scheduler.run(({ hot, expectObservable }) => expectObservable(hot(marbles)).toBe('-'));
};

describe('the diagrams of assertMarbles', () => {
  it.each(['-(abc)--d', '(ab)c', '(ab)-(cd)--(e|)', '-(abc) 1000ms d', '--#'])(
    'repeat the diagram of the test: %s',
    (marbles) => {
      expect(failing(marbles)).toThrow(`actual   ${marbles}\n`);
    },
  );
});
