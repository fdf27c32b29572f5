import type { EventLog } from 'rx-watcher';
import type { JetStreamStoreOptions } from 'rx-watcher/jetstream';
import { connectJetStream } from '../../../src/engine/jetstream/connection/connect.ts';
import { resolveJetStreamOptions } from '../../../src/engine/jetstream/jetstream-store-options.ts';

/** Opens the engine of a store without the store. */
export async function openJetStreamLog(options: JetStreamStoreOptions): Promise<EventLog> {
  return (await connectJetStream(resolveJetStreamOptions(options))).log;
}
