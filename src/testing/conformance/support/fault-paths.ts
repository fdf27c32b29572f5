import type { Fault } from '../../../index.ts';

/** What a call failed with; a call that does not fail is the failure. */
export async function failureOf(call: Promise<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await call;
  } catch (error) {
    return error;
  }
  throw new Error(`expected a failure, got ${JSON.stringify(value)}`);
}

/** The paths of an error's faults, in order. */
export const faultPaths = (error: unknown): readonly string[] =>
  (error as { faults: readonly Fault[] }).faults.map(({ path }) => path);
