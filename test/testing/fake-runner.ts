import type { TestRunner } from 'rx-watcher/testing';
import { expect } from 'vitest';

type Run = () => void | Promise<void>;

/** Test that a suite has declared. */
export interface DeclaredTest {
  /** Names of the groups, then of the test. */
  readonly path: readonly string[];
  /** Runs the test between its hooks. Resolves to the error if the test fails. */
  run(): Promise<{ readonly error: unknown } | undefined>;
}

/** Creates a minimal runner without `each` and `skip`. It records the declared tests, and runs them on demand. */
export function fakeRunner() {
  const tests: DeclaredTest[] = [];
  let groups: readonly string[] = [];
  let before: readonly Run[] = [];
  let after: readonly Run[] = [];

  const runner: TestRunner = {
    describe(name, declare) {
      const outside = [groups, before, after] as const;
      groups = [...groups, name];
      // Some runners reject a `describe` callback that returns a value.
      expect(declare()).toBeUndefined();
      [groups, before, after] = outside;
    },
    it(name, test) {
      const [path, first, last] = [[...groups, name], before, after];
      // Some runners treat a parameter as a callback and wait for its call.
      expect(test).toHaveLength(0);
      const failureOf = async () => {
        try {
          for (const hook of first) await hook();
          await test();
        } catch (error) {
          return { error };
        } finally {
          for (const hook of last) await hook();
        }
        return undefined;
      };
      tests.push({ path, run: failureOf });
    },
    beforeEach(run) {
      before = [...before, run];
    },
    afterEach(run) {
      after = [run, ...after];
    },
    expect,
  };
  return { runner, tests };
}
