import { describe, expect, it } from 'vitest';
import { eachStream } from '../support/jetstream/each-stream.ts';
import { testFile } from '../support/lmdb/test-store.ts';
import { startProcess } from '../support/program.ts';
import { outputOf, runCommand, startCommand } from './command.ts';

const APPLICATION = new URL('application.mjs', import.meta.url);

/** Number of appends of each application, of 10 orders each. */
const ROUNDS = 5;

const streams = eachStream();

async function startApplication(location: string, watcherId: string, mode: 'works' | 'fails') {
  const application = startProcess(APPLICATION, location, watcherId, mode);
  expect(await application.readLine()).toBe('ready');
  return application;
}

describe.each([
  ['a file', async () => testFile()],
  ['a stream', async () => `${streams.server.url}/${streams.nextStream()}`],
])('two applications that share %s', (_, createLocation) => {
  it('tail, watchers, info, dead-letters and check show the events and watchers of two running applications', async () => {
    const location = await createLocation();
    const mailer = await startApplication(location, 'mailer', 'works');
    const billing = await startApplication(location, 'billing', 'fails');
    const tail = startCommand(['tail', location, '--follow', '--from', '1']);
    const watching = startCommand(['watchers', location, '--watch', '--json']);
    const run = async (application: typeof mailer) => {
      for (let round = 0; round < ROUNDS; round++) {
        application.writeLine('10');
        await application.readLine();
      }
    };
    await Promise.all([outputOf(['info', location]), run(mailer), run(billing)]);

    // Append one order after the other, so that the number of the second one is the last number of the log.
    billing.writeLine('1');
    await billing.readLine();
    mailer.writeLine('1');
    const last = Number(await mailer.readLine());
    expect(last).toBe(2 * ROUNDS * 10 + 2);
    const failed = (2 * ROUNDS * 10) / 5;
    await watching.printed(`"deadLetters":${failed}`);
    await watching.printed('"lastError":{"name":"EventHandlingError"');
    watching.kill('SIGINT');
    expect(await watching.ended).toMatchObject({ exit: 0, stderr: '' });

    await tail.printed(`"seqNum":${last},`);
    tail.kill('SIGINT');
    const { exit, stdout, stderr } = await tail.ended;
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    const followed = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).seqNum);
    expect(followed).toEqual(Array.from({ length: last }, (__, index) => index + 1));

    const deadLetters = JSON.parse(await outputOf(['dead-letters', 'list', location, '--json']));
    expect(deadLetters).toHaveLength(failed);
    expect(await outputOf(['dead-letters', 'list', location])).toMatch(
      /^billing +\d+ +Order +2 +\S+ \S+ +TypeError: order \d+ was refused:\\n\\u001b\[31;1mcannot/m,
    );
    expect(JSON.parse(await outputOf(['info', location, '--json']))).toMatchObject({
      latestSeqNum: last,
      deadLetters: failed,
      watchers: [
        { id: 'billing', state: 'running' },
        { id: 'mailer', state: 'running' },
      ],
      leases: [{ watcherId: 'billing' }, { watcherId: 'mailer' }],
    });
    expect((await runCommand(['check', location])).exit).toBe(0);
    expect((await runCommand(['check', location, '--max-dead-letters', '0'])).exit).toBe(1);
    await Promise.all([mailer.end(), billing.end()]);
  });
});
