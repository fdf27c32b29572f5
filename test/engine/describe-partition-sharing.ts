import { partitionOf } from 'rx-watcher';
import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { span } from '../../src/testing/conformance/support/requests.ts';
import { type ProcessProgram, startProcess } from '../support/program.ts';
import { notesOf, type Pace, type SharedLog } from './lease-sharing.ts';

const SCRIPT = new URL('./watch-partitions.mjs', import.meta.url);

const COUNT = 4;

const keyOf = (seqNum: number): string => `key ${seqNum % 11}`;
const partitionAt = (seqNum: number): number => partitionOf(keyOf(seqNum), COUNT);

const storeKeyed = ({ store }: SharedLog, first: number, last: number) =>
  store.storeEvents(
    span(first, last).map((n) => ({ operation: 'CREATE', objectType: 'Job', object: { n }, key: keyOf(n) })),
  );

const startSharing = (
  { options, notes }: SharedLog,
  owner: string,
  duration: number,
  pace: Pace = 'turns',
): ProcessProgram => startProcess(SCRIPT, JSON.stringify(options), notes, owner, duration, pace);

/** Ends each attempt of a program as soon as it has begun, until the program ends. */
async function endEachAttempt(program: ProcessProgram): Promise<void> {
  for await (const line of program.lines) if (line.startsWith('begin')) program.writeLine('go on');
}

/** Asserts that each event was handled, and that no attempt began before an earlier event of its partition had ended. */
async function expectHandledInOrder(log: SharedLog, last: number): Promise<void> {
  const ended = new Set<number>();
  const early: number[] = [];
  for (const [, what, text] of await notesOf(log)) {
    const seqNum = Number(text);
    if (what === 'end') ended.add(seqNum);
    else {
      const before = span(1, seqNum - 1).filter((other) => partitionAt(other) === partitionAt(seqNum));
      if (before.some((other) => !ended.has(other))) early.push(seqNum);
    }
  }
  expect(early).toEqual([]);
  expect([...ended].sort((a, b) => a - b)).toEqual(span(1, last));
}

/**
 * Defines tests of processes that share the partitions of a watcher, for the log of any engine.
 *
 * @param duration - Duration of the leases, in milliseconds. It must be longer than the delay of a process on a busy
 *   machine.
 */
export function describePartitionSharing(shared: () => SharedLog, duration = 2000): void {
  const checkpoints = () => firstValueFrom(shared().store.checkpoints());
  const latest = () => firstValueFrom(shared().store.getLatestSeqNum());
  /** Resolves when the checkpoint of each partition is the last event. */
  const caughtUp = async (): Promise<void> => {
    const last = await latest();
    for (
      let all = await checkpoints();
      all.size < COUNT || [...all.values()].some((seqNum) => seqNum < last);
    ) {
      await new Promise((resolve) => setImmediate(resolve));
      all = await checkpoints();
    }
  };

  test('processes that share partitions handle every event in order within its partition while processes join, stop and are killed', async () => {
    const log = shared();
    await storeKeyed(log, 1, 50);
    const first = startSharing(log, 'first', duration);
    await first.readUntil('owns [0,1,2,3]');
    const second = startSharing(log, 'second', duration);
    await second.readUntil('owns [2,3]');
    await storeKeyed(log, 51, 100);
    await caughtUp();
    await first.kill();
    await second.readUntil('owns [0,1,2,3]');
    await storeKeyed(log, 101, 150);
    const third = startSharing(log, 'third', duration);
    await third.readUntil('owns [2,3]');
    await caughtUp();
    await second.end();
    await third.readUntil('owns [0,1,2,3]');
    await storeKeyed(log, 151, 200);
    await caughtUp();
    await third.end();

    await expectHandledInOrder(log, 200);
    const owners = new Set((await notesOf(log)).map(([owner]) => owner));
    expect([...owners].sort()).toEqual(['first', 'second', 'third']);
  });

  test('a process that continues after a suspension begins no attempt in partitions that another process has taken', async () => {
    const log = shared();
    await storeKeyed(log, 1, 40);
    const first = startSharing(log, 'first', duration, 'lines');
    // By default, one handler runs in a process, so the attempts of the other partitions wait for this attempt.
    while (!(await first.readLine()).startsWith('begin'));
    const second = startSharing(log, 'second', duration);
    await second.readUntil('owns []');

    first.suspend();
    await second.readUntil('owns [0,1,2,3]');
    await caughtUp();
    first.writeLine('go on'); // ends the attempt in flight when the process continues
    first.resume();
    const pumped = endEachAttempt(first);
    await second.readUntil('owns [0,1]'); // the first process has joined again
    await storeKeyed(log, 41, 80);
    await caughtUp();

    const begun = (await notesOf(log)).filter(([owner, what]) => owner === 'first' && what === 'begin');
    expect(begun.filter(([, , seqNum]) => Number(seqNum) <= 40)).toHaveLength(1);
    expect(begun.length).toBeGreaterThan(1);
    await first.end();
    await pumped;
    await second.end();
    await expectHandledInOrder(log, 80);
  });
}
