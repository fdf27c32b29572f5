import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/** Functions of Vitest for the conformance suites. */
export const runner = { afterEach, beforeEach, describe, expect, it };
