import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { failureOf } from '../../src/testing/conformance/support/fault-paths.ts';
import { leaseOf } from '../../src/testing/conformance/support/held-lease.ts';
import { created, span } from '../../src/testing/conformance/support/requests.ts';
import type { Program } from '../support/program.ts';
import { begunBy, notesOf, type SharedLog, startSharing } from './lease-sharing.ts';
import { startPair } from './start-pair.ts';

/** Ends the attempts of a program one after another, until the attempt at the event `until` starts. */
async function drive(program: Program, until: number): Promise<void> {
  for (let line = await program.readLine(); line !== `begin ${until}`; line = await program.readLine()) {
    if (line.startsWith('begin')) program.writeLine('go on');
  }
}

/** Defines tests of processes that share a watcher by a lease, for the log of any engine. */
export function describeLeaseSharing(shared: () => SharedLog): void {
  const checkpoint = () => firstValueFrom(shared().store.getCheckpoint('w'));

  test('a watcher with a lease handles every event, in one process at a time, even if the active process is killed', async () => {
    const log = shared();
    await log.store.storeEvents(span(1, 300).map(created));
    const first = startSharing(log, 'first', 'lines');
    await first.readUntil('running');
    const heirs = ['b', 'c'].map((owner) => startSharing(log, owner, 'lines'));
    for (const heir of heirs) await heir.readUntil('standby');

    const running = heirs.map((heir) => heir.readUntil('running'));
    await drive(first, 100);
    await first.kill();
    const index = await Promise.race(running.map((is, index) => is.then(() => index)));
    const [second, third] = [heirs[index], heirs[1 - index]] as [Program, Program];
    await drive(second, 200);
    await second.kill();
    await running[1 - index];
    await drive(third, 300);
    third.writeLine('go on');
    await third.end();

    const lines = await notesOf(log);
    const owners = lines.map(([owner]) => owner);
    const successive = owners.filter((owner, index) => owner !== owners[index - 1]);
    expect(successive).toEqual(['first', ...(index === 0 ? ['b', 'c'] : ['c', 'b'])]);
    const starts: number[] = [];
    for (const owner of successive) {
      const own = lines.filter(([by]) => by === owner).map(([, what, seqNum]) => `${what} ${seqNum}`);
      const first = Number(own[0]?.split(' ')[1]);
      starts.push(first);
      const whole = span(first, first + own.length).flatMap((n) => [`begin ${n}`, `end ${n}`]);
      expect(own).toEqual(whole.slice(0, own.length));
    }
    // A kill can lose the last checkpoints. Each later process therefore begins with an event that the killed process has
    // begun.
    expect(starts.map((seqNum) => Math.ceil(seqNum / 100))).toEqual([1, 1, 2]);
    expect(starts.filter((seqNum) => seqNum % 100 === 1)).toEqual([1]);
    const ended = new Set(lines.filter(([, what]) => what === 'end').map(([, , seqNum]) => Number(seqNum)));
    expect([...ended].sort((a, b) => a - b)).toEqual(span(1, 300));
    expect(await checkpoint()).toBe(300);
  });

  test('a process that was suspended until its lease expired stores no checkpoint and starts no attempt under that lease', async () => {
    const log = shared();
    await log.store.storeEvents(span(1, 20).map(created));
    const [first, second] = await startPair(log);

    first.suspend();
    await second.readUntil('begin 20');
    first.writeLine('go on'); // ends the fifth event when the process continues
    first.resume();
    await first.readUntil('standby ERR_LEASE_LOST');
    await second.end();
    expect(await checkpoint()).toBe(20);

    await first.readUntil('running ERR_LEASE_LOST');
    await first.end();
    expect(await begunBy(log, 'first')).toEqual(span(1, 5));
    expect(await checkpoint()).toBe(20);
    expect(await failureOf(log.store.storeCheckpoint('w', 5, 1))).toMatchObject({ code: 'ERR_LEASE_LOST' });
    expect(await leaseOf(log.store)).toMatchObject({ token: 3 });
  });
}
