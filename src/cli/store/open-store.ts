import { stat } from 'node:fs/promises';
import type { Event, EventStore, Logger, Serializer } from '../../index.ts';
import { interruption } from '../interruption.ts';
import { printNote } from '../output/print.ts';
import { type Payload, payloadSerializer, shownSerializer } from './payload.ts';
import { isAddress, parseStreamAddress, type StreamAddress } from './stream-address.ts';

/** Event with its object in the stored form. */
export type StoredEvent = Event<Payload>;

/** Store with the objects of events in the stored form, as the commands use it. */
export type OpenStore = EventStore<StoredEvent> & {
  /** Copies the data file; missing if the engine has no file. */
  readonly backup?: (path: string) => Promise<void>;
};

/**
 * Use of a store by a command. `read`: the command writes nothing. `write`: the command changes checkpoints or dead letters
 * of an existing log. `fill`: the command imports events into a log, which is created if it does not exist.
 */
export type StoreUse = 'read' | 'write' | 'fill';

/**
 * Maximum size of an object, in bytes. This limit is higher than the default of a store, because the application that stored
 * an event can have a higher limit.
 */
const MAX_EVENT_BYTES = 2 ** 30;

/**
 * Creates a logger that prints warnings after the call of `start`. Warnings during the opening of a store are omitted,
 * because they concern only applications that write.
 */
function createLogger(): Logger & { start(): void } {
  let isStarted = false;
  const note = (message: string) => {
    if (isStarted && !interruption.aborted) printNote(`warning: ${message}`);
  };
  return {
    debug() {},
    info() {},
    warn: note,
    error: note,
    start() {
      isStarted = true;
    },
  };
}

/** Imports the packages of an engine, which are optional peer dependencies. */
async function importEngine<T>(engine: string, packages: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw cause;
    throw new Error(`${engine} needs packages that are not installed; run npm install ${packages}`, {
      cause,
    });
  }
}

/**
 * Checks that the data file exists, and that the owner of the file runs the command. Another user, for example root, would
 * create files next to the data file that the application cannot open.
 */
async function assertOwnFile(path: string, use: StoreUse): Promise<'existing' | 'new'> {
  let uid: number;
  let size: number;
  try {
    ({ uid, size } = await stat(path));
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    if (isMissing && use === 'fill') return 'new';
    throw new Error(
      isMissing
        ? `cannot open '${path}': the file does not exist`
        : `cannot open '${path}': ${(cause as Error).message}`,
      { cause },
    );
  }
  const user = process.geteuid?.();
  if (user === undefined || user === uid) return size === 0 && use === 'fill' ? 'new' : 'existing';
  throw new Error(
    `cannot open '${path}': the file belongs to user ${uid}, but the command runs as user ${user}; run it as the owner of the file, for example with sudo -u '#${uid}'`,
  );
}

async function openFile(
  path: string,
  use: StoreUse,
  logger: Logger,
  serializer: Serializer,
): Promise<OpenStore> {
  const state = await assertOwnFile(path, use);
  const load = async () => ({
    ...(await import('../../lmdb.ts')),
    ...(await import('../../engine/lmdb/open-read-only-store.ts')),
  });
  const { openLmdbStore, openReadOnlyLmdbStore } = await importEngine('a log in a file', 'lmdb', load);
  const options = { ...STORE_OPTIONS, logger, serializer };
  const openForWriting = () =>
    openLmdbStore<StoredEvent>({ ...options, path, maxEventBytes: MAX_EVENT_BYTES });
  if (state === 'new') return openForWriting();
  const store = openReadOnlyLmdbStore<StoredEvent>(path, options);
  if (use === 'read') return store;
  // The read-only store has checked that the file contains a log. The tables that `openForWriting` creates if they are missing
  // are therefore never created in a file of another application.
  await store.close();
  return openForWriting();
}

async function openStream(
  address: StreamAddress,
  use: StoreUse,
  logger: Logger,
  serializer: Serializer,
): Promise<OpenStore> {
  const { server, credentials, stream } = address;
  const load = () => import('../../jetstream.ts');
  const packages = '@nats-io/transport-node @nats-io/jetstream @nats-io/kv';
  const { openJetStreamStore } = await importEngine('a log on NATS', packages, load);
  return openJetStreamStore<StoredEvent>({
    ...STORE_OPTIONS,
    logger,
    serializer,
    servers: server,
    connectionOptions: { ...credentials, name: 'rx-watcher' },
    stream,
    create: use === 'fill',
  });
}

/** Options of each opened store. Garbage collection belongs to the application, which knows its retention. */
const STORE_OPTIONS = {
  cacheSize: 0,
  gcAgeThreshold: 0,
} as const;

/**
 * Opens a store, calls a function, and closes the store. An interruption also closes the store, which ends pending reads.
 *
 * @param location - Path of a data file, or address of a stream.
 */
export async function withStore<T>(
  location: string,
  use: StoreUse,
  work: (store: OpenStore) => Promise<T>,
  serializer = payloadSerializer,
): Promise<T> {
  const logger = createLogger();
  const store = isAddress(location)
    ? await openStream(parseStreamAddress(location), use, logger, serializer)
    : await openFile(location, use, logger, serializer);
  logger.start();
  const close = () => void store.close();
  interruption.addEventListener('abort', close);
  try {
    interruption.throwIfAborted();
    return await work(store);
  } finally {
    interruption.removeEventListener('abort', close);
    await store.close();
  }
}

/** Does the same as `withStore` for reading, with decoded objects in the events. */
export const withShownStore = <T>(location: string, work: (store: EventStore) => Promise<T>): Promise<T> =>
  withStore(location, 'read', (store) => work(store as unknown as EventStore), shownSerializer);
