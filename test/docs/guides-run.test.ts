import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { trimHorizon } from '../../src/index.ts';
import { openLmdbStore } from '../../src/lmdb.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const built = `${root}build/guides/`;

/** Returns the code blocks of a document. Each block starts at its line in the document, so that errors have that line. */
function blocksOf(path: string): readonly string[] {
  const blocks: string[][] = [];
  let isCode = false;
  const lines = readFileSync(`${root}${path}`, 'utf8').split('\n');
  for (const [index, line] of lines.entries()) {
    const isFence = line.startsWith('```');
    if (isFence) {
      isCode = line === '```ts';
      if (isCode) blocks.push(Array(index).fill(''));
    }
    if (isCode) blocks.at(-1)?.push(isFence ? '' : line);
  }
  return blocks.map((block) => block.join('\n'));
}

function write(name: string, code: string, declarations: string): string {
  const file = `${built}${name}.ts`;
  mkdirSync(built, { recursive: true });
  writeFileSync(file, `${code}\n${declarations}`);
  return file;
}

/** Writes code blocks to one file, followed by the declarations that they omit. */
function writeCode(guide: string, declarations = '', blocks = blocksOf(`docs/guides/${guide}.md`)): string {
  const rows: string[] = [];
  for (const block of blocks) {
    for (const [index, line] of block.split('\n').entries()) rows[index] ||= line;
  }
  return write(guide, rows.join('\n'), declarations);
}

/** Writes each code block of a guide to a separate file, followed by the declarations that the guide omits. */
function writeBlocks(guide: string, declarations: readonly string[]): readonly string[] {
  const blocks = blocksOf(`docs/guides/${guide}.md`);
  return blocks.map((block, index) => write(`${guide}-${index}`, block, declarations[index] ?? ''));
}

const testing = writeCode('testing-your-watchers');
const gettingStarted = writeCode(
  'getting-started',
  'export { store, subscription };\nexport const otherStores = [jobs, checked];',
);
const readme = blocksOf('README.md');
const [firstLines = ''] = readme;
const marbleTest = readme.at(-1) ?? '';
const readmeTest = write('readme-test', marbleTest, '');
const readmeTestWithFault = write('readme-test-with-fault', marbleTest.replace('--x-y', '--x'), '');
const readmeStart = write('readme-start', firstLines, 'export { store };');
const contexts = writeCode('keys-ids-and-metadata', 'export { build, paid, request, store };');
const idempotent = writeCode('idempotent-producers', 'export { stored };');
writeCode('moving-a-log');
const backup = writeCode('backup-and-restore', 'export { backUp, events, store };');
writeCode('logs-and-warnings');
writeCode('metrics-and-traces', 'export { instrumentation };');
writeCode(
  'monitoring',
  `
  import type { EventHandler } from 'rx-watcher';

  declare const sendMail: EventHandler;
  declare const archive: EventHandler;
  declare const gauge: (watcherId: string, value: number) => void;
`,
);
writeCode(
  'inspector',
  `
  declare const authenticate: import('express').RequestHandler;
  declare const requireOperator: import('fastify').onRequestAsyncHookHandler;
  declare class AppModule {}
  export { redacted };
`,
);
writeCode(
  'streaming-to-browsers-and-services',
  `
  import type { RequestHandler } from 'express';
  import type { onRequestAsyncHookHandler } from 'fastify';

  declare class AppModule {}
  declare class EventSource {
    constructor(url: string);
    onmessage: (message: { readonly data: string; readonly lastEventId: string }) => void;
  }
  declare const authenticate: RequestHandler;
  declare const requireUser: onRequestAsyncHookHandler;
  declare const show: (id: string, ...parts: readonly unknown[]) => void;
  declare const apply: (items: readonly unknown[], offset: string) => void;
  declare const withoutAddresses: (object: unknown) => unknown;

  export { publicFeed, server };
`,
);
writeCode('errors', "declare const store: import('rx-watcher').EventStore;");
writeCode(
  'one-active-watcher',
  `
  import type { EventHandler, EventStore } from 'rx-watcher';

  declare const store: EventStore;
  declare const sendMail: EventHandler;
`,
);
writeBlocks('scaling-out', [
  `
  import type { EventHandler, EventStore } from 'rx-watcher';

  declare const store: EventStore;
  declare const index: EventHandler;
`,
  `
  import { afterSequenceNumber, type EventHandler, type Manager } from 'rx-watcher';

  declare const manager: Manager;
  declare const index: EventHandler;
`,
]);
writeCode(
  'several-processes-on-one-file',
  `
  import type { EventHandler } from 'rx-watcher';

  declare const sendMail: EventHandler;
`,
);
writeCode(
  'handling-events',
  `
  import { lastValueFrom } from 'rxjs';
  import type { Manager, StoreEventRequest, Watcher } from 'rx-watcher';

  declare const manager: Manager<Event<Booking, 'Booking'>>;
  declare const watcher: Watcher<Event<Booking, 'Booking'>>;
  declare const order: StoreEventRequest<Booking, 'Booking'>;
  declare const sendMail: (text: string, signal: AbortSignal) => Promise<void>;
  declare const book: (booking: Booking) => Promise<void>;
  declare const index: (bookings: readonly Booking[]) => Promise<void>;
  declare const report: (...parts: readonly unknown[]) => void;
  `,
);

writeCode(
  'from-one-process-to-a-cluster',
  `
  import type { Event } from 'rx-watcher';

  declare const secret: string;
  declare const sendMail: (event: Event) => Promise<void>;
  declare const health: Map<string, string>;
  `,
);

writeCode(
  'readme',
  'declare const sendMail: (what: unknown, context: unknown) => Promise<void>;',
  readme.slice(0, -1),
);
writeCode(
  'watcher-states',
  `
  declare const store: import('rx-watcher').EventStore;
  declare const manager: import('rx-watcher').Manager;
  declare const log: (error: unknown) => void;
  `,
);
const order = 'interface Order { readonly id: string; readonly customer: string; readonly amount: number }';
const [exactlyOnce = '', projectionTest = ''] = writeBlocks('exactly-once-results', [
  `${order}\nexport { env, store, totals };`,
  '',
  `${order}
  declare const store: import('rx-watcher/lmdb').LmdbEventStore;
  declare const order: Order & { readonly position: number };
  declare const orders: import('lmdb').Database<Order, string>;
  `,
  `${order}
  import { createManager } from 'rx-watcher';

  interface Transaction {
    lockPosition(name: string): Promise<number>;
    addToTotal(order: Order): Promise<void>;
    setPosition(name: string, seqNum: number): Promise<void>;
  }
  declare const store: import('rx-watcher').EventStore;
  declare const database: { transaction(work: (tx: Transaction) => Promise<void>): Promise<void> };
  `,
]);
const exported = "import * as t from 'io-ts'; export { Job };";
const [, withDefault = '', ofBothShapes = '', withSchema = ''] = writeBlocks('codecs-that-evolve', [
  '',
  exported,
  exported,
  'export { visit };',
]);

describe('the code of the README and the guides', () => {
  it('the code of the README and the guides compiles without errors', () => {
    const compilerOptions = { noUnusedLocals: false };
    writeFileSync(
      `${built}tsconfig.json`,
      JSON.stringify({ extends: '../../tsconfig.json', compilerOptions, include: ['*.ts'] }),
    );
    const { status, stdout } = spawnSync(`${root}node_modules/.bin/tsc`, ['-p', built, '--pretty', 'false'], {
      encoding: 'utf8',
    });
    expect(stdout).toBe('');
    expect(status).toBe(0);
  });
});

describe('testing-your-watchers.md', async () => {
  await import(/* @vite-ignore */ testing);
});

/** Runs a program in a new directory until its watcher has handled event 1, and returns the stored checkpoint. */
async function checkpointAfter(program: string): Promise<number | undefined> {
  const directory = await temporaryDirectory();
  const path = directory.file('events.lmdb');
  const before = process.cwd();
  const handled = new Promise<void>((resolve) => {
    vi.spyOn(console, 'log').mockImplementation((line) => {
      if (line === 'event 1 was handled') resolve();
    });
  });
  process.chdir(dirname(path));
  const { store, otherStores = [] } = await import(/* @vite-ignore */ program);
  process.chdir(before);
  await handled;
  for (const each of [store, ...otherStores]) await each.close();
  vi.restoreAllMocks();

  const reopened = openLmdbStore({ path });
  const checkpoint = await firstValueFrom(reopened.getCheckpoint('mailer'));
  await reopened.close();
  await directory.remove();
  return checkpoint;
}

describe('README.md', () => {
  it('README.md starts with a program that handles an event and stores the checkpoint', async () => {
    expect(await checkpointAfter(readmeStart)).toBe(1);
  });
});

describe('the marble test of README.md', () => {
  it('the marble test of README.md passes, and fails if an outcome is missing', async () => {
    await import(/* @vite-ignore */ readmeTest);
    await expect(import(/* @vite-ignore */ readmeTestWithFault)).rejects.toThrow('handled 2');
  });
});

describe('getting-started.md', () => {
  it('the program of getting-started.md handles an event, and stores a checkpoint that includes the event', async () => {
    const listeners = process.listeners('SIGINT');
    expect(await checkpointAfter(gettingStarted)).toBeGreaterThanOrEqual(1);
    for (const listener of process.listeners('SIGINT')) {
      if (!listeners.includes(listener)) process.off('SIGINT', listener);
    }
  });
});

describe('exactly-once-results.md', async () => {
  await import(/* @vite-ignore */ projectionTest);

  it('the program of exactly-once-results.md stores totals and events in one transaction', async () => {
    const directory = await temporaryDirectory();
    const before = process.cwd();
    process.chdir(dirname(directory.file('shop.lmdb')));
    const { env, store, totals } = await import(/* @vite-ignore */ exactlyOnce);
    process.chdir(before);
    await store.storeEvents(
      ['ada', 'bob', 'ada'].map((customer) => ({
        operation: 'CREATE',
        objectType: 'Order',
        object: { customer, amount: 600 },
      })),
    );
    const discounts = store.events(trimHorizon(), { filter: { objectTypes: ['Discount'] } });
    expect(await firstValueFrom(discounts)).toMatchObject({ seqNum: 4, object: { customer: 'ada' } });
    expect([totals.get('ada'), totals.get('bob')]).toEqual([1200, 600]);
    await store.close();
    await env.close();
    await directory.remove();
  });
});

/** Runs a program in a new directory. Returns its exports and the lines that it prints. */
async function runProgram(program: string) {
  const directory = await temporaryDirectory();
  const before = process.cwd();
  process.chdir(dirname(directory.file('events.lmdb')));
  const log = vi.spyOn(console, 'log').mockReturnValue();
  const error = vi.spyOn(console, 'error').mockReturnValue();
  const exported = await import(/* @vite-ignore */ program);
  process.chdir(before);
  const [printed, failures] = [[...log.mock.calls], [...error.mock.calls]];
  vi.restoreAllMocks();
  await directory.remove();
  return { exported, printed, failures };
}

describe('keys-ids-and-metadata.md', () => {
  it('the program of keys-ids-and-metadata.md reads an event by its key, and restores it from a CloudEvent', async () => {
    const { exported, printed, failures } = await runProgram(contexts);
    const { build, paid, request } = exported;
    const { seqNum: _seqNum, timestamp: _timestamp, ...expected } = paid;

    expect(request).toEqual(expected);
    expect(build.id).toBe('/ci A234');
    expect(printed).toContainEqual(['order-17', 'payment-815', 'ada']);
    expect(printed).toContainEqual([1, { total: 90, state: 'paid' }]);
    expect(failures).toEqual([]);
  });
});

describe('idempotent-producers.md', () => {
  it('the program of idempotent-producers.md stores each event once', async () => {
    const { exported, printed, failures } = await runProgram(idempotent);
    const [first, second, third] = exported.stored;

    expect(printed).toContainEqual([true]);
    expect(first.seqNum).toBe(1);
    expect(third).toEqual(second);
    expect(failures).toEqual([['the id delivery-4711 belongs to event 1']]);
  });
});

describe('backup-and-restore.md', () => {
  it('the backup of the program in backup-and-restore.md can be restored next to the old lock file and gate', async () => {
    const directory = await temporaryDirectory();
    const path = directory.file('events.lmdb');
    const request = { operation: 'CREATE', objectType: 'Job', object: { id: 'j1' } } as const;
    const before = openLmdbStore({ path });
    await before.storeEvents([request, request]);
    await before.storeCheckpoint('mailer', 1);
    await before.close();
    const cwd = process.cwd();
    process.chdir(dirname(path));
    const { backUp, events, store } = await import(/* @vite-ignore */ backup);
    mkdirSync('backups');
    for (const day of ['2001-01-01', '2001-01-02', '2001-01-03']) writeFileSync(`backups/${day}.lmdb`, '');
    await backUp(2);
    const kept = readdirSync('backups');
    process.chdir(cwd);
    await store.storeEvent(request);
    await store.close();

    copyFileSync(directory.file('backup.lmdb'), path);
    const restored = openLmdbStore({ path });
    expect(events).toBe(2);
    expect(kept).toEqual(['2001-01-03.lmdb', expect.stringMatching(/^20.*\.lmdb$/)]);
    expect((await restored.storeEvent(request)).seqNum).toBe(3);
    expect(await firstValueFrom(restored.getCheckpoint('mailer'))).toBe(1);
    await restored.close();
    await directory.remove();
  });
});

describe('codecs-that-evolve.md', () => {
  const decode = async (file: string, value: unknown) =>
    (await import(/* @vite-ignore */ file)).Job.decode(value);

  it('the codec of codecs-that-evolve.md decodes objects without a field that was added later', async () => {
    expect(await decode(withDefault, { id: 'j1', retries: 3 })).toMatchObject({
      right: { id: 'j1', retries: 3, owner: 'unknown' },
    });
  });

  it('the codec of codecs-that-evolve.md decodes objects of the old and the new shape', async () => {
    const current = { right: { id: 'j1', owners: ['ann'] } };
    expect(await decode(ofBothShapes, { id: 'j1', owner: 'ann' })).toMatchObject(current);
    expect(await decode(ofBothShapes, { id: 'j1', owners: ['ann'] })).toMatchObject(current);
    expect(await decode(ofBothShapes, { id: 'j1' })).toMatchObject({ _tag: 'Left' });
  });

  it('the program of codecs-that-evolve.md stores the input of a schema and gets its output', async () => {
    const log = vi.spyOn(console, 'log').mockReturnValue();
    const { visit } = await import(/* @vite-ignore */ withSchema);
    vi.restoreAllMocks();

    const at = new Date('2026-01-01T12:00:00Z');
    expect(visit.object).toEqual({ page: '/start', at, visitor: 'unknown' });
    expect(log.mock.calls).toEqual([[at.getTime(), 'unknown']]);
  });
});
