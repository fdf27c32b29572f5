import { openJetStreamStore } from 'rx-watcher/jetstream';
import { describeEventStore } from 'rx-watcher/testing';
import { eachStream } from '../support/jetstream/each-stream.ts';
import { hasServerVersion } from '../support/jetstream/nats-server.ts';
import { runner } from './runner.ts';

const streams = eachStream();

describeEventStore(runner, 'openJetStreamStore', {
  supports: {
    reopen: true,
    deadLetters: true,
    sharing: true,
    reports: true,
    atomicBatches: hasServerVersion(2, 12),
    leases: true,
    importing: true,
    synchronousReads: false,
    exactIds: false,
  },
  create() {
    const stream = streams.nextStream();
    const servers = streams.server.url;
    return { open: (options) => openJetStreamStore({ ...options, servers, stream }), cleanup() {} };
  },
});
