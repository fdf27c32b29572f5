import { describeEventLog } from 'rx-watcher/testing';
import { eachStream } from '../engine/jetstream/each-stream.ts';
import { openJetStreamLog } from '../engine/jetstream/open-log.ts';
import { runner } from './runner.ts';

const streams = eachStream();

describeEventLog(runner, 'the engine on JetStream', {
  supports: { reopen: true },
  create() {
    const stream = streams.nextStream();
    const servers = streams.server.url;
    return { open: () => openJetStreamLog({ servers, stream }), cleanup() {} };
  },
});
