import { AssertionError } from 'node:assert';
import { assertMarbles } from 'rx-watcher/testing';
import { type RunHelpers, TestScheduler } from 'rxjs/testing';
import { expect } from 'vitest';

/** Runs a test with a failing expectation, and returns the lines of the message after the title. */
export function failureLines(
  test: (helpers: RunHelpers, scheduler: TestScheduler) => void,
): readonly string[] {
  const scheduler = new TestScheduler(assertMarbles);
  try {
    scheduler.run((helpers) => test(helpers, scheduler));
  } catch (error) {
    expect(error).toBeInstanceOf(AssertionError);
    const [title, ...lines] = (error as AssertionError).message.split('\n');
    expect(title).toBe('the marble diagrams differ');
    return lines;
  }
  return expect.unreachable('the expectation did not fail');
}
