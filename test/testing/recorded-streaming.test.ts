import { createMemoryStore } from 'rx-watcher/memory';
import { loadEvents } from 'rx-watcher/testing';
import { lastValueFrom, take, tap } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../src/testing/conformance/support/fault-paths.ts';
import { note } from '../../src/testing/conformance/support/note.ts';
import { readAll } from '../../src/testing/conformance/support/read-all.ts';
import { created, request } from '../../src/testing/conformance/support/requests.ts';
import { nextTurn } from '../scheduling/next-turn.ts';
import { onEachEngine } from '../store/retention/each-engine.ts';

/** Lines that are made as they are asked for, and what became of their reader. */
function source(count: number, line: string) {
  const seen = { read: 0, isClosed: false };
  async function* lines() {
    try {
      while (seen.read < count) {
        seen.read++;
        yield line;
      }
    } finally {
      seen.isClosed = true;
    }
  }
  return { seen, lines };
}

/** Lines that come when they are pushed. */
function pushed() {
  let wake = (_line: string) => {};
  const seen = { asked: 0, closed: 0 };
  const lines: AsyncIterable<string> = {
    [Symbol.asyncIterator]: () => ({
      next() {
        seen.asked++;
        return new Promise((resolve) => {
          wake = (value) => resolve({ done: false, value });
        });
      },
      async return() {
        seen.closed++;
        return { done: true, value: undefined };
      },
    }),
  };
  return { lines, seen, push: (line: string) => wake(line) };
}

const good = JSON.stringify(created(1));

describe('loading many lines', () => {
  onEachEngine((open) => {
    it.each([
      ['of ten thousand', 10_000, good, 1000],
      ['of long ones fewer', 200, JSON.stringify(request('CREATE', 'Long', 'x'.repeat(100_000))), 10],
    ])('has no more than some in memory: %s', async (_name, count, line, most) => {
      const store = await open();
      const { seen, lines } = source(count, line);
      let stored = 0;
      let ahead = 0;

      const counting = tap(() => {
        ahead = Math.max(ahead, seen.read - stored);
        stored++;
      });
      await lastValueFrom(loadEvents(store, lines()).pipe(counting));

      expect(stored).toBe(count);
      expect(ahead).toBeLessThanOrEqual(most);
    });
  });

  it('ends with those who have enough: no more is read, and the reader is closed', async () => {
    const store = createMemoryStore();
    const { seen, lines } = source(10_000, good);

    await lastValueFrom(loadEvents(store, lines()).pipe(take(1500)));
    await nextTurn();

    expect(seen).toEqual({ read: 2000, isClosed: true });
    expect(await readAll(store)).toHaveLength(2000);
  });

  it('ends with those who unsubscribe while it waits for a line: nothing more is stored', async () => {
    const store = createMemoryStore();
    const { lines, seen, push } = pushed();
    const { subscription } = note(loadEvents(store, lines));
    push(good);
    await nextTurn();
    expect(seen).toEqual({ asked: 2, closed: 0 });

    subscription.unsubscribe();
    expect(seen.closed).toBe(1);
    push(good);
    await nextTurn();

    expect(seen).toEqual({ asked: 2, closed: 1 });
    expect(await readAll(store)).toEqual([]);
  });

  it('closes the reader at a line that is refused', async () => {
    const { seen, lines } = source(10, '{');

    await failureOf(lastValueFrom(loadEvents(createMemoryStore(), lines())));
    await nextTurn();

    expect(seen).toEqual({ read: 1, isClosed: true });
  });

  it('fails as the reader does', async () => {
    const torn = new Error('torn');
    async function* lines() {
      yield good;
      throw torn;
    }

    expect(await failureOf(lastValueFrom(loadEvents(createMemoryStore(), lines())))).toBe(torn);
  });

  it('does not mind a reader that cannot be closed, or fails at it', async () => {
    const { lines, push } = pushed();
    const stubborn: AsyncIterable<string> = {
      [Symbol.asyncIterator]: () => ({
        next: lines[Symbol.asyncIterator]().next,
        return: () => Promise.reject(new Error('no')),
      }),
    };
    const notes = note(loadEvents(createMemoryStore(), stubborn));

    notes.subscription.unsubscribe();
    push(good);
    await nextTurn();

    expect([notes.values, notes.error]).toEqual([[], undefined]);
  });
});
