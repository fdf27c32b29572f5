import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { eachStream } from '../support/jetstream/each-stream.ts';
import { rawStream } from '../support/jetstream/raw-stream.ts';
import { testFile } from '../support/lmdb/test-store.ts';
import { documentsOf, expectFailure, outputOf, runCommand } from './command.ts';
import { followAppends } from './follow-appends.ts';
import { appendNumbered, numberedLog } from './numbered-log.ts';
import { reportWatcher } from './reported-watcher.ts';

const streams = eachStream();

describe('commands on a JetStream stream', () => {
  it('the command tail prints the appends of another process to a stream', async () => {
    const stream = streams.nextStream();
    const store = await streams.open({ stream });
    await appendNumbered(store, 1, 3);
    const address = `${streams.server.url}/${stream}`;
    expect(await followAppends(store, [address, '--type', 'Order'])).toEqual([1, 3, 5]);
  });

  it('the command copy copies a log from a file to a stream and back', async () => {
    const address = `${streams.server.url}/${streams.nextStream()}`;
    const [source, target] = [await numberedLog(6), testFile()];
    await outputOf(['copy', source, address]);
    await outputOf(['copy', address, target]);
    expect(await outputOf(['export', target])).toBe(await outputOf(['export', source]));
  });

  it('the command tail reports a stream that does not exist, and does not create the stream', async () => {
    const stream = streams.nextStream();
    const args = ['tail', `${streams.server.url}/${stream}`];
    expectFailure(await runCommand(args), 1, new RegExp(`the stream '${stream}' does not exist`));
    expectFailure(await runCommand(args), 1, /does not exist/);
  });

  it('the command tail reports a stream that is not a log, and creates no bucket for this stream', async () => {
    const stream = streams.nextStream();
    const { manager } = await rawStream(streams.server.url);
    await manager.streams.add({ name: stream, subjects: [`${stream}.>`] });
    expectFailure(
      await runCommand(['tail', `${streams.server.url}/${stream}`]),
      1,
      /invalid stream .*republish/,
    );
    await expect(manager.streams.info(`KV_${stream}_checkpoints`)).rejects.toThrow(/not found/);
  });

  it('the command import continues after the events that the stream already contains', async () => {
    const address = `${streams.server.url}/${streams.nextStream()}`;
    const input = await outputOf(['export', await numberedLog(3)]);
    await outputOf(['import', address], { input });
    expect((await runCommand(['import', address], { input })).stderr).toMatch(/imported 0 events; 3 were/);
    expect(await documentsOf(['tail', address])).toHaveLength(3);
  });

  it('the commands info, watchers and check show the watchers of an application on a stream', async () => {
    const stream = streams.nextStream();
    const store = await streams.open({ stream });
    await appendNumbered(store, 1, 3);
    await store.storeCheckpoint('mailer', 1);
    await reportWatcher(store);
    const address = `${streams.server.url}/${stream}`;
    expect(await outputOf(['info', address])).toMatch(/^engine +jetstream$/m);
    expect(await outputOf(['watchers', address])).toMatch(/^mailer +running +\S+ +1 +2 /m);
    expect((await runCommand(['check', address, '--max-lag', '1'])).exit).toBe(1);
  });

  it('the command seek rejects a running watcher on a stream, and moves a stopped watcher under a new fencing token', async () => {
    const stream = streams.nextStream();
    const store = await streams.open({ stream });
    await appendNumbered(store, 1, 3);
    await store.storeCheckpoint('mailer', 1);
    await store.internals.leases?.store('mailer', { token: 4 }, 0);
    await reportWatcher(store);
    const args = ['seek', `${streams.server.url}/${stream}`, 'mailer', '3', '--yes'];
    expectFailure(await runCommand(args), 1, /'mailer' is not stopped: it is running in process/);
    await reportWatcher(store, { state: 'stopped' });
    await outputOf(args);
    expect(await firstValueFrom(store.getCheckpoint('mailer'))).toBe(2);
    await expect(store.storeCheckpoint('mailer', 3, 4)).rejects.toThrow(/lease/);
  });
});
