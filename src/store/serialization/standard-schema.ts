import { types } from 'node:util';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { type Fault, SchemaError } from '../../errors.ts';
import { listedFaults, MOST_FAULTS } from '../../validation/check.ts';
import { kindOf } from '../../validation/format-value.ts';

/** Reason why a codec rejects an object. */
export interface CodecFailure {
  /**
   * Faults that an error lists: at most 100, and one more with the number of the remaining faults. Each path starts with
   * `object`.
   */
  readonly faults: readonly Fault[];
  /** Error with the issues of a schema library; missing if the codec is an io-ts codec. */
  readonly cause?: SchemaError;
}

/** Returns whether a value is a schema of Standard Schema v1. The schemas of some libraries are functions. */
export function isStandardSchema(value: unknown): value is StandardSchemaV1 {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  const standard: unknown = (value as Readonly<Record<string, unknown>>)['~standard'];
  if (typeof standard !== 'object' || standard === null) return false;
  const { version, vendor, validate } = standard as Partial<StandardSchemaV1.Props>;
  return version === 1 && typeof vendor === 'string' && typeof validate === 'function';
}

/** Returns whether a value is a Promise of any realm or library. */
const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';

const keysOf = ({ path = [] }: StandardSchemaV1.Issue): readonly PropertyKey[] =>
  path.map((segment) => (typeof segment === 'object' ? segment.key : segment));

/** Returns the kind of the value at a path. The path can lead through maps. */
function kindAt(value: unknown, keys: readonly PropertyKey[]): string {
  try {
    return kindOf(
      keys.reduce(
        (parent: unknown, key) =>
          types.isMap(parent)
            ? Map.prototype.get.call(parent, key)
            : (parent as Readonly<Record<PropertyKey, unknown>> | null | undefined)?.[key],
        value,
      ),
    );
  } catch {
    return 'a value that cannot be inspected';
  }
}

/**
 * Returns a description of the values that a schema accepts. The description contains the code or the type of an issue, and
 * the expected value, which many libraries add. It does not contain the message of the issue, because the messages of some
 * libraries repeat the value, which can be a secret.
 */
function expectationOf(vendor: string, issue: StandardSchemaV1.Issue): string {
  const { code, type, expected } = issue as {
    readonly code?: unknown;
    readonly type?: unknown;
    readonly expected?: unknown;
  };
  const check = [code, type].find((name) => typeof name === 'string');
  if (check === undefined) return `match its ${vendor} schema`;
  return `pass the ${vendor} check '${check}'${typeof expected === 'string' ? `, expected ${expected}` : ''}`;
}

function faultsOfIssues(
  vendor: string,
  issues: readonly StandardSchemaV1.Issue[],
  value: unknown,
): readonly Fault[] {
  if (issues.length === 0) {
    return [{ path: 'object', message: `must match its ${vendor} schema; received ${kindOf(value)}` }];
  }
  const first = issues.slice(0, MOST_FAULTS).map((issue): Fault => {
    const keys = keysOf(issue);
    return {
      path: ['object', ...keys.map(String)].join('.'),
      message: `must ${expectationOf(vendor, issue)}; received ${kindAt(value, keys)}`,
    };
  });
  return listedFaults(first, 'object', issues.length);
}

const unusable = (message: string): Either<CodecFailure, never> =>
  left({ faults: [{ path: 'object', message }] });

/**
 * Validates a value. Returns the output of the schema, or the faults of the value.
 *
 * A store needs the result within the call, so a schema that returns a Promise is rejected.
 */
export function validateBySchema(
  schema: StandardSchemaV1.Props,
  value: unknown,
): Either<CodecFailure, unknown> {
  const { vendor } = schema;
  const result: unknown = schema.validate(value);
  if (isThenable(result)) {
    // Nothing waits for this Promise, so without a handler its rejection would end the process.
    result.then(undefined, () => undefined);
    return unusable(
      `cannot be validated: the ${vendor} schema is asynchronous, but the store needs its result immediately; use a schema without asynchronous checks and transforms`,
    );
  }
  if (typeof result !== 'object' || result === null || !('value' in result || 'issues' in result)) {
    return unusable(
      `cannot be validated: the ${vendor} schema must return { value } or { issues }; it returned ${kindOf(result)}`,
    );
  }
  const { issues } = result as StandardSchemaV1.Result<unknown>;
  if (!issues) return right((result as StandardSchemaV1.SuccessResult<unknown>).value);
  const faults = faultsOfIssues(vendor, issues, value);
  return left({ faults, cause: new SchemaError(vendor, issues) });
}
