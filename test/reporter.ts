import type { SerializedError } from 'vitest';
import type { Reporter, TestModule, Vitest } from 'vitest/node';

/**
 * Ends the output of a run with one plain line, `N passed, N failed, N skipped`, and fails a run in which a
 * name pattern matched no test.
 *
 * A file or suite that fails outside of its tests, and an uncaught error, count as one failure each.
 */
export default class CountsReporter implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      if (module.errors().length > 0) counts.failed += 1;
      for (const suite of module.children.allSuites()) if (suite.errors().length > 0) counts.failed += 1;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        counts[state === 'pending' ? 'skipped' : state] += 1;
      }
    }
    const noneMatched = counts.passed + counts.failed === 0 && this.#vitest?.config.testNamePattern;
    if (noneMatched) process.exitCode = 1;

    // Print the line at exit, so that it follows the output of other reporters and of the coverage report.
    process.once('exit', () => {
      if (noneMatched) process.stdout.write('No test has a name that matches the pattern.\n');
      process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
    });
  }
}
