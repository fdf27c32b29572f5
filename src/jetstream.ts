/**
 * The store on NATS JetStream: the same log for several machines.
 *
 * @module rx-watcher/jetstream
 */
export type { ConnectionState } from './stores/jetstream/connection-state.ts';
export type { JetStreamEventStore } from './stores/jetstream/jetstream-event-store.ts';
export type { JetStreamStoreOptions } from './stores/jetstream/jetstream-store-options.ts';
export { openJetStreamStore } from './stores/jetstream/open-jetstream-store.ts';
