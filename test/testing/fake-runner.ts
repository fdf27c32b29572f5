import type { TestRunner } from 'rx-watcher/testing';
import { expect } from 'vitest';

type Run = () => void | Promise<void>;

/** A test that a suite has declared. */
export interface DeclaredTest {
  /** The names of its groups and its own. */
  readonly path: readonly string[];
  /** Runs it between its hooks; tells what it failed with, if it did. */
  run(): Promise<{ readonly error: unknown } | undefined>;
}

/** A runner that has no more than it must: no `each`, no `skip`; it notes what is declared, and runs it on demand. */
export function fakeRunner() {
  const tests: DeclaredTest[] = [];
  let groups: readonly string[] = [];
  let before: readonly Run[] = [];
  let after: readonly Run[] = [];

  const runner: TestRunner = {
    describe(name, declare) {
      const outside = [groups, before, after] as const;
      groups = [...groups, name];
      // Runners take a Promise, or any other value, for a mistake.
      expect(declare()).toBeUndefined();
      [groups, before, after] = outside;
    },
    it(name, test) {
      const [path, first, last] = [[...groups, name], before, after];
      // A parameter would be taken for a callback by some runners, which then wait for its call.
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
