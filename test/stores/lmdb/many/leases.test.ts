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
    await store.storeEvents(span(1, 600).map(created));
    const all = new Map<string, Program>();
    for (const owner of ['a', 'b', 'c']) {
      const program = watcher(owner);
      all.set(owner, program);
      await toldOf(program, all.size === 1 ? 'running' : 'standby');
    }

    await toldOf(all.get('a') as Program, 'begin 100');
    await all.get('a')?.kill();
    const heirs = [...all].filter(([owner]) => owner !== 'a');
    const heir = await Promise.race(
      heirs.map(async ([owner, program]) => {
        await toldOf(program, 'begin 300');
        return owner;
      }),
    );
    await all.get(heir)?.kill();
    const [last, program] = heirs.find(([owner]) => owner !== heir) as [string, Program];
    await toldOf(program, 'begin 600');
    await program.end();

    const lines = await noted();
    const owners = lines.map(([owner]) => owner);
    expect(owners.filter((owner, index) => owner !== owners[index - 1])).toEqual(['a', heir, last]);
    for (const owner of ['a', heir, last]) {
      const own = lines.filter(([by]) => by === owner).map(([, what, seqNum]) => `${what} ${seqNum}`);
      const first = Number(own[0]?.split(' ')[1]);
      const whole = span(first, first + own.length).flatMap((n) => [`begin ${n}`, `end ${n}`]);
      expect(own).toEqual(whole.slice(0, own.length));
    }
    const ended = new Set(lines.filter(([, what]) => what === 'end').map(([, , seqNum]) => Number(seqNum)));
    expect([...ended].sort((a, b) => a - b)).toEqual(span(1, 600));
    expect(await checkpoint()).toBe(600);
  });

  test('of which one was held up beyond its lease: it stores nothing, and hands nothing more over', async () => {
    await store.storeEvents(span(1, 20).map(created));
    const [first, second] = [watcher('first', 'lines'), watcher('second')];
    await toldOf(first, 'begin 1');
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
