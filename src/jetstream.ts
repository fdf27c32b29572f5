/**
 * Event store on NATS JetStream: one log for several machines.
 *
 * @module rx-watcher/jetstream
 */
export type { ConnectionState } from './engine/jetstream/connection/connection-state.ts';
export type { JetStreamStoreOptions } from './engine/jetstream/jetstream-store-options.ts';
export { type JetStreamEventStore, openJetStreamStore } from './engine/jetstream/open-jetstream-store.ts';
