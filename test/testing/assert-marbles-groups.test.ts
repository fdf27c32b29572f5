import { assertMarbles } from 'rx-watcher/testing';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';

/** What is shown of a source that was expected to do nothing. */
const shown = (marbles: string) => () => {
  const scheduler = new TestScheduler(assertMarbles);
  scheduler.run(({ hot, expectObservable }) => expectObservable(hot(marbles)).toBe('-'));
};

describe('the diagrams of assertMarbles', () => {
  it.each(['-(abc)--d', '(ab)c', '(ab)-(cd)--(e|)', '-(abc) 1000ms d', '--#'])(
    'say the same as the one of the test: %s',
    (marbles) => {
      expect(shown(marbles)).toThrow(`actual   ${marbles}\n`);
    },
  );
});
