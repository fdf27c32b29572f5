import type { LogFixture, OpenLog } from '../log-fixture.ts';
import type { DeclareEach, Matchers } from '../runner.ts';
import type { OpenStore, StoreSupport } from '../store-fixture.ts';

interface Suite {
  readonly describe: DeclareEach<void>;
  readonly test: DeclareEach;
  readonly expect: (actual: unknown) => Matchers;
}

export interface StoreSuite extends Suite {
  /** Opens a store on the log of the current test. The suite closes the store after the test. */
  readonly open: OpenStore;
  readonly supports: Required<StoreSupport>;
}

export interface LogSuite extends Suite {
  /** Opens the log of the current test. The suite closes the log after the test. */
  readonly open: OpenLog;
  readonly supports: Required<LogFixture['supports']>;
}
