import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eachDirectory } from '../support/each-directory.ts';
import { openEnv } from '../support/lmdb/lmdb-log.ts';
import { runProcess } from '../support/program.ts';

const CHILD = new URL('./open-prepared.mjs', import.meta.url);

const directory = eachDirectory();
let path: string;

beforeEach(() => {
  chmodSync(directory.file(''), 0o777);
  path = directory.file('events.lmdb');
});
afterEach(() => {
  chmodSync(directory.file(''), 0o777);
});

/** Opens the file in another process. Returns its output, or `crashed` and the signal. */
async function openIn(mode: 'plain' | 'prepared', { blocks = '', free = '' } = {}): Promise<string> {
  const limit = blocks && `ulimit -S -f ${blocks}; trap "" XFSZ;`;
  const { exit, stdout, stderr } = await runProcess(CHILD, [mode, path, ...(free ? [free] : [])], {
    setup: `ulimit -S -n 200; ${limit}`,
    cwd: '/',
  });
  if (!stderr.startsWith('begins')) throw new Error(`the child did not begin: ${stderr}`);
  return exit === 0 ? stdout.trim() : `crashed ${exit}`;
}

async function create(mode: number): Promise<void> {
  const env = openEnv(path);
  await env.put('key', 'value');
  await env.close();
  chmodSync(path, mode);
  chmodSync(`${path}-lock`, mode);
}

interface Case {
  readonly make: () => unknown;
  readonly limits?: { readonly blocks?: string; readonly free?: string };
  readonly error: RegExp;
}

/** Conditions under which LMDB crashes. */
const CRASHING: Readonly<Record<string, Case>> = {
  'a lock file that is a directory': {
    make: () => mkdirSync(`${path}-lock`),
    error: /StoreError: .*lock file .*not a file/,
  },
  'a lock file that is a pipe': {
    make: () => execFileSync('mkfifo', [`${path}-lock`]),
    error: /StoreError: .*lock file .*not a file/,
  },
  'a lock file that is a link to nowhere': {
    make: () => symlinkSync('/nowhere/lock', `${path}-lock`),
    error: /StoreError: .*lock file .*not a file/,
  },
  'a lock file that is read-only': {
    make: async () => {
      await create(0o666);
      chmodSync(`${path}-lock`, 0o444);
    },
    error: /StoreError: .*lock file .*EACCES/,
  },
  'a lock file with too long a name': {
    make: () => {
      path = directory.file('x'.repeat(252));
    },
    error: /StoreError: .*lock file .*ENAMETOOLONG/,
  },
  'no room for the lock file': {
    make: () => undefined,
    limits: { blocks: '4' },
    error: /StoreError: .*no room/,
  },
  'no file descriptor for the data file': {
    make: () => undefined,
    limits: { free: '2' },
    error: /StoreError: .*EMFILE/,
  },
};

test.each(Object.entries(CRASHING))(
  'LMDB crashes on %s, and the check of the file before LMDB opens it reports the fault',
  async (_name, each) => {
    await each.make();
    expect(await openIn('prepared', each.limits)).toMatch(each.error);
    expect(await openIn('plain', each.limits)).toMatch(/^crashed/);
  },
);

/** Conditions that LMDB itself reports as errors, sometimes only after it has created a lock file. */
const REPORTED: Readonly<Record<string, Case>> = {
  'a data file that is read-only': {
    make: async () => {
      await create(0o666);
      chmodSync(path, 0o444);
    },
    error: /StoreError: cannot write to .*EACCES/,
  },
  'a data file that cannot be read': { make: () => create(0), error: /StoreError: cannot open .*EACCES/ },
  'a directory without write permission': {
    make: () => chmodSync(directory.file(''), 0o555),
    error: /StoreError: cannot write to .*EACCES/,
  },
};

test.each(Object.entries(REPORTED))(
  'the check of an LMDB file before it is opened reports %s',
  async (_name, each) => {
    await each.make();
    expect(await openIn('prepared', each.limits)).toMatch(each.error);
  },
);

test('the check of an LMDB file before it is opened accepts a new file and a valid existing file', async () => {
  expect(await openIn('prepared')).toBe('opened');
  chmodSync(path, 0o666);
  writeFileSync(`${path}-lock`, '');
  expect(await openIn('prepared')).toBe('opened');
});
