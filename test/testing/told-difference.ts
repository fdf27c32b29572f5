import { AssertionError } from 'node:assert';
import { assertMarbles } from 'rx-watcher/testing';
import { type RunHelpers, TestScheduler } from 'rxjs/testing';
import { expect } from 'vitest';

/** What a test whose expectation is not met is told, line by line. */
export function toldDifference(
  test: (helpers: RunHelpers, scheduler: TestScheduler) => void,
): readonly string[] {
  const scheduler = new TestScheduler(assertMarbles);
  try {
    scheduler.run((helpers) => test(helpers, scheduler));
  } catch (error) {
    expect(error).toBeInstanceOf(AssertionError);
    const [title, ...lines] = (error as AssertionError).message.split('\n');
    expect(title).toBe('the diagrams differ');
    return lines;
  }
  return expect.unreachable('the expectation was met');
}
