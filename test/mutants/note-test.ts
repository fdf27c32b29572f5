import { writeFileSync } from 'node:fs';
import { beforeEach, type TestContext } from 'vitest';

type Named = Pick<TestContext['task'], 'name'> & { readonly suite?: Named | undefined };

const nameOf = ({ suite, name }: Named): string =>
  suite === undefined || suite.name === '' ? name : `${nameOf(suite)} ${name}`;

// Write the name synchronously, because a test that blocks the event loop cannot report it later.
beforeEach(({ task }) => writeFileSync(process.env.RX_WATCHER_TEST_AT_WORK as string, nameOf(task)));
