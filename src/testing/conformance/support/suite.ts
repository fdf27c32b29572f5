import type { OpenLog } from '../log-fixture.ts';
import type { DeclareEach, Matchers } from '../runner.ts';
import type { OpenStore, StoreSupport } from '../store-fixture.ts';

/** What a group of tests is given. */
interface Suite {
  /** Declares a group of tests. */
  readonly describe: DeclareEach<void>;
  /** Declares a test. */
  readonly test: DeclareEach;
  /** Begins an assertion. */
  readonly expect: (actual: unknown) => Matchers;
}

/** What a group of tests of a store is given. */
export interface StoreSuite extends Suite {
  /** Opens the store of the test that is running; it is closed when the test ends. */
  readonly open: OpenStore;
  /** What its engine supports. */
  readonly supports: Required<StoreSupport>;
}

/** What a group of tests of an engine is given. */
export interface LogSuite extends Suite {
  /** Opens the log of the test that is running. */
  readonly open: OpenLog;
}
