import { describeEventLog } from 'rx-watcher/testing';
import { eachStream } from '../support/jetstream/each-stream.ts';
import { openJetStreamLog } from '../support/jetstream/open-log.ts';
import { runner } from './runner.ts';

const streams = eachStream();

describeEventLog(runner, 'the engine on JetStream', {
  supports: { reopen: true, exactIds: false },
  create() {
    const stream = streams.nextStream();
    const servers = streams.server.url;
    return { open: () => openJetStreamLog({ servers, stream }), cleanup() {} };
  },
});
