import { format } from 'node:util';

/** Function of a runner that declares a test or a group of tests, such as `it` or `describe`. */
type Declare<R> = (name: string, run: R) => unknown;

/** Matchers of `expect`, as Jest, Vitest and Bun implement them. */
export interface Matchers {
  /** Matchers that pass if the matcher of the same name fails. */
  readonly not: Matchers;
  /** Matchers for the value to which a Promise resolves. */
  readonly resolves: Matchers;
  /** Matchers for the error with which a Promise rejects. */
  readonly rejects: Matchers;
  toBe(expected: unknown): void;
  toEqual(expected: unknown): void;
  toStrictEqual(expected: unknown): void;
  toMatchObject(expected: object): void;
  toBeInstanceOf(expected: unknown): void;
  toBeUndefined(): void;
  toContain(expected: unknown): void;
  toHaveLength(expected: number): void;
  toBeGreaterThan(expected: number): void;
  toBeGreaterThanOrEqual(expected: number): void;
  toBeLessThan(expected: number): void;
  toBeLessThanOrEqual(expected: number): void;
  toMatch(expected: RegExp | string): void;
  toThrow(expected?: unknown): void;
}

/** Functions of a test runner. The functions of Vitest, Jest and Bun have these types. */
export interface TestRunner {
  /** Declares a group of tests. */
  readonly describe: (name: string, run: () => void) => unknown;
  /** Declares a test. The test can return a Promise, for which the runner waits. */
  readonly it: (name: string, run: () => void | Promise<void>) => unknown;
  /** Runs before each test of the group. */
  readonly beforeEach: (run: () => void | Promise<void>) => unknown;
  /** Runs after each test of the group. */
  readonly afterEach: (run: () => void | Promise<void>) => unknown;
  /** Returns the matchers for a value, with methods such as `toBe`. Their types differ between runners. */
  readonly expect: (actual: unknown) => unknown;
}

/**
 * Declares a test or group for each case. In the name, the values of the case replace `%s`, `%i` and `%j` in their order.
 * The index of the case replaces `%#`.
 */
interface Each<R> {
  <T extends readonly unknown[] | readonly [unknown]>(
    cases: readonly T[],
  ): (name: string, run: (...values: T) => R) => void;
  <T>(cases: readonly T[]): (name: string, run: (value: T) => R) => void;
}

/** Function that declares a test or group. Its method `each` declares one for each of several cases. */
export type DeclareEach<R = void | Promise<void>> = Declare<() => R> & { readonly each: Each<R> };

const titleOf = (name: string, values: readonly unknown[], index: number): string => {
  const template = name.replaceAll('%#', String(index));
  const placeholders = template.match(/%[sijdfoO]/g)?.length ?? 0;
  return format(template, ...values.slice(0, placeholders));
};

/** Adds `each` to a function of a runner, because some runners have no `each` and the `each` of other runners differs. */
export function withEach<R>(declare: Declare<() => R>): DeclareEach<R> {
  const each =
    (cases: readonly unknown[]) =>
    (name: string, run: (...values: readonly unknown[]) => R): void => {
      for (const [index, testCase] of cases.entries()) {
        const values = Array.isArray(testCase) ? testCase : [testCase];
        declare(titleOf(name, values, index), () => run(...values));
      }
    };
  const declared = (name: string, run: () => R) => declare(name, run);
  return Object.assign(declared, { each: each as Each<R> });
}
