import type { EventLog } from 'rx-watcher';
import type { JetStreamStoreOptions } from 'rx-watcher/jetstream';
import { connectJetStream } from '../../../src/stores/jetstream/connect-jetstream.ts';
import { resolveJetStreamOptions } from '../../../src/stores/jetstream/jetstream-store-options.ts';

/** Opens the engine of a store, without the store. */
export async function openJetStreamLog(options: JetStreamStoreOptions): Promise<EventLog> {
  return (await connectJetStream(resolveJetStreamOptions(options))).log;
}
