import { readFile } from 'node:fs/promises';
import type { EventStore } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { firstValueFrom } from 'rxjs';
import { afterEach, describe, expect, test } from 'vitest';
import { failureOf } from '../../../../src/testing/conformance/fault-paths.ts';
import { leaseOf } from '../../../../src/testing/conformance/held-lease.ts';
import { created, span } from '../../../../src/testing/conformance/requests.ts';
import { eachDirectory } from '../../../conformance/each-directory.ts';
import { type Program, startProcess, startThread } from './program.ts';

/** In milliseconds: what a busy machine may hold up a process by is less. */
const DURATION = 2000;
/** Far longer than a test takes: who takes over earlier was told to. */
const FOR_EVER = 1_000_000;

/** Waits until a program has told this. */
async function toldOf(program: Program, line: string): Promise<void> {
  while ((await program.told()) !== line);
}

/** Has a program that runs go on from event to event, until it has begun with this one. */
async function drive(program: Program, until: number): Promise<void> {
  for (let line = await program.told(); line !== `begin ${until}`; line = await program.told()) {
    if (line.startsWith('begin')) program.tell('go on');
  }
}

describe('processes that share a watcher by a lease', () => {
  let path: string;
  let notes: string;
  let store: EventStore;

  eachDirectory((directory) => {
    path = directory.file('events.lmdb');
    notes = directory.file('notes');
    store = openLmdbStore({ path });
  });
  afterEach(async () => {
    await store.close();
  });

  const watcher = (owner: string, pace: 'turns' | 'lines' = 'turns', duration = DURATION) =>
    startProcess('watch-under-lease.mjs', path, notes, owner, duration, pace);
  const noted = async () =>
    (await readFile(notes, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => line.split(' ') as [owner: string, what: string, seqNum: string]);
  const checkpoint = () => firstValueFrom(store.getCheckpoint('w'));

  test('that are killed one after the other: each event is handled, and none by two at a time', async () => {
    await store.storeEvents(span(1, 300).map(created));
    const first = watcher('first', 'lines');
    await toldOf(first, 'running');
    const heirs = ['b', 'c'].map((owner) => watcher(owner, 'lines'));
    for (const heir of heirs) await toldOf(heir, 'standby');

    const running = heirs.map((heir) => toldOf(heir, 'running'));
    await drive(first, 100);
    await first.kill();
    const index = await Promise.race(running.map((is, index) => is.then(() => index)));
    const [second, third] = [heirs[index], heirs[1 - index]] as [Program, Program];
    await drive(second, 200);
    await second.kill();
    await running[1 - index];
    await drive(third, 300);
    third.tell('go on');
    await third.end();

    const lines = await noted();
    const owners = lines.map(([owner]) => owner);
    const inTurn = owners.filter((owner, place) => owner !== owners[place - 1]);
    expect(inTurn).toEqual(['first', ...(index === 0 ? ['b', 'c'] : ['c', 'b'])]);
    for (const owner of inTurn) {
      const own = lines.filter(([by]) => by === owner).map(([, what, seqNum]) => `${what} ${seqNum}`);
      const first = Number(own[0]?.split(' ')[1]);
      const whole = span(first, first + own.length).flatMap((n) => [`begin ${n}`, `end ${n}`]);
      expect(own).toEqual(whole.slice(0, own.length));
    }
    const ended = new Set(lines.filter(([, what]) => what === 'end').map(([, , seqNum]) => Number(seqNum)));
    expect([...ended].sort((a, b) => a - b)).toEqual(span(1, 300));
    expect(await checkpoint()).toBe(300);
  });

  test('of which one was held up beyond its lease: it stores nothing, and hands nothing more over', async () => {
    await store.storeEvents(span(1, 20).map(created));
    const first = watcher('first', 'lines');
    await toldOf(first, 'begin 1');
    const second = watcher('second');
    for (const seqNum of span(2, 5)) {
      first.tell('go on');
      await toldOf(first, `begin ${seqNum}`);
    }
    await toldOf(second, 'standby');

    first.holdUp();
    await toldOf(second, 'begin 20');
    first.tell('go on'); // with the fifth event, as soon as it can
    first.goOn();
    await toldOf(first, 'standby ERR_LEASE_LOST');
    await second.end();
    expect(await checkpoint()).toBe(20);

    await toldOf(first, 'running ERR_LEASE_LOST');
    await first.end();
    const lines = await noted();
    const begun = lines.filter(([owner, what]) => owner === 'first' && what === 'begin');
    expect(begun.map(([, , seqNum]) => Number(seqNum))).toEqual(span(1, 5));
    expect(await checkpoint()).toBe(20);
    expect(await failureOf(store.storeCheckpoint('w', 5, 1))).toMatchObject({ code: 'ERR_LEASE_LOST' });
    expect(await leaseOf(store)).toMatchObject({ token: 3 });
  });

  test('or threads, of which one ends: another is told, and goes on at once', async () => {
    await store.storeEvents(span(1, 3).map(created));
    const thread = startThread('watch-under-lease.mjs', path, notes, 'thread', FOR_EVER, 'turns');
    await toldOf(thread, 'begin 3');
    const other = watcher('process', 'turns', FOR_EVER);
    await toldOf(other, 'standby');

    await thread.end();
    await toldOf(other, 'running');
    await store.storeEvent(created(4));
    await toldOf(other, 'begin 4');
    await other.end();

    expect((await noted()).map((line) => line.join(' ')).slice(-4)).toEqual([
      'thread begin 3',
      'thread end 3',
      'process begin 4',
      'process end 4',
    ]);
    expect(await leaseOf(store)).toMatchObject({ token: 2 });
    expect(await leaseOf(store)).not.toHaveProperty('owner');
  });
});
