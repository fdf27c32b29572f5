import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/** What the published suites run on here. */
export const runner = { afterEach, beforeEach, describe, expect, it };
