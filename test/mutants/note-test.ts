import { writeFileSync } from 'node:fs';
import { beforeEach, type TestContext } from 'vitest';

type Named = Pick<TestContext['task'], 'name'> & { readonly suite?: Named | undefined };

const nameOf = ({ suite, name }: Named): string =>
  suite === undefined || suite.name === '' ? name : `${nameOf(suite)} ${name}`;

// Written synchronously: a test that blocks the event loop could not report its name later.
beforeEach(({ task }) => writeFileSync(process.env.RX_WATCHER_TEST_AT_WORK as string, nameOf(task)));
