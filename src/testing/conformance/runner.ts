import { format } from 'node:util';

/** Declares a test, or a group of them. */
type Declare<R> = (name: string, run: R) => unknown;

/** What can be said of a value: as Jest, Vitest and Bun say it. */
export interface Matchers {
  /** The opposite. */
  readonly not: Matchers;
  /** The same of what a Promise resolves with. */
  readonly resolves: Matchers;
  /** The same of what a Promise rejects with. */
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

/** The functions of a test runner: those of Vitest, Jest or Bun fit as they are. */
export interface TestRunner {
  /** Declares a group of tests. */
  readonly describe: (name: string, run: () => void) => unknown;
  /** Declares a test; it may return a Promise. */
  readonly it: (name: string, run: () => void | Promise<void>) => unknown;
  /** Runs before each test of the group. */
  readonly beforeEach: (run: () => void | Promise<void>) => unknown;
  /** Runs after each test of the group. */
  readonly afterEach: (run: () => void | Promise<void>) => unknown;
  /** Begins an assertion. */
  readonly expect: (actual: unknown) => unknown;
}

/** Declares something once for each case; in the name `%s`, `%i`, `%j` stand for its values, `%#` for its index. */
interface Each<R> {
  <T extends readonly unknown[] | readonly [unknown]>(
    cases: readonly T[],
  ): (name: string, run: (...values: T) => R) => void;
  <T>(cases: readonly T[]): (name: string, run: (value: T) => R) => void;
}

/** Declares something, or one for each of several cases. */
export type DeclareEach<R = void | Promise<void>> = Declare<() => R> & { readonly each: Each<R> };

const titleOf = (name: string, values: readonly unknown[], index: number): string => {
  const template = name.replaceAll('%#', String(index));
  const places = template.match(/%[sijdfoO]/g)?.length ?? 0;
  return format(template, ...values.slice(0, places));
};

/** Not every runner has an `each`, and those that have differ. */
export function withEach<R>(declare: Declare<() => R>): DeclareEach<R> {
  const each =
    (cases: readonly unknown[]) =>
    (name: string, run: (...values: readonly unknown[]) => R): void => {
      for (const [index, one] of cases.entries()) {
        const values = Array.isArray(one) ? one : [one];
        declare(titleOf(name, values, index), () => run(...values));
      }
    };
  const declared = (name: string, run: () => R) => declare(name, run);
  return Object.assign(declared, { each: each as Each<R> });
}
