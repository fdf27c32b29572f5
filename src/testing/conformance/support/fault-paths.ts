import type { Fault } from '../../../index.ts';

/** Returns the error with which a call rejects. Throws if the call does not fail. */
export async function failureOf(call: Promise<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await call;
  } catch (error) {
    return error;
  }
  throw new Error(`the call must fail; it resolved to ${JSON.stringify(value)}`);
}

/** Returns the paths of the faults of an error, in order. */
export const faultPaths = (error: unknown): readonly string[] =>
  (error as { faults: readonly Fault[] }).faults.map(({ path }) => path);
