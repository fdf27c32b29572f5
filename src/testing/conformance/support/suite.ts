import type { LogFixture, OpenLog } from '../log-fixture.ts';
import type { DeclareEach, Matchers } from '../runner.ts';
import type { OpenStore, StoreSupport } from '../store-fixture.ts';

/** Functions for a group of tests. */
interface Suite {
  /** Declares a group of tests. */
  readonly describe: DeclareEach<void>;
  /** Declares a test. */
  readonly test: DeclareEach;
  /** Returns the matchers for a value. */
  readonly expect: (actual: unknown) => Matchers;
}

/** Functions for a group of tests of a store. */
export interface StoreSuite extends Suite {
  /** Opens a store on the log of the current test. The suite closes the store after the test. */
  readonly open: OpenStore;
  /** Features that the engine supports. */
  readonly supports: Required<StoreSupport>;
}

/** Functions for a group of tests of an engine. */
export interface LogSuite extends Suite {
  /** Opens the log of the current test. The suite closes the log after the test. */
  readonly open: OpenLog;
  /** Features that the engine supports. */
  readonly supports: Required<LogFixture['supports']>;
}
