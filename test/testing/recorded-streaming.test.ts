import { createMemoryStore } from 'rx-watcher/memory';
import { loadEvents } from 'rx-watcher/testing';
import { lastValueFrom, take, tap } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../src/testing/conformance/support/fault-paths.ts';
import { note } from '../../src/testing/conformance/support/note.ts';
import { readAll } from '../../src/testing/conformance/support/read-all.ts';
import { created, request } from '../../src/testing/conformance/support/requests.ts';
import { onEachEngine } from '../support/each-engine.ts';
import { nextTurn } from '../support/next-turn.ts';

/** Creates an iterable of equal lines, and records how many are read and whether the iterator is closed. */
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

/** Creates an iterable of lines that the test supplies with `push`, and counts the calls of the iterator. */
function pushed() {
  let wake = (_line: string) => {};
  const seen = { requested: 0, closed: 0 };
  const lines: AsyncIterable<string> = {
    [Symbol.asyncIterator]: () => ({
      next() {
        seen.requested++;
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

const valid = JSON.stringify(created(1));

describe('loadEvents', () => {
  onEachEngine((open) => {
    it.each([
      ['10 000 short lines', 10_000, valid, 1000],
      ['200 long lines', 200, JSON.stringify(request('CREATE', 'Long', 'x'.repeat(100_000))), 10],
    ])(
      'loadEvents of %s reads at most one batch of lines before it stores them',
      async (_name, count, line, max) => {
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
        expect(ahead).toBeLessThanOrEqual(max);
      },
    );
  });

  it('loadEvents stops reading and closes the iterator of lines when take() completes', async () => {
    const store = createMemoryStore();
    const { seen, lines } = source(10_000, valid);

    await lastValueFrom(loadEvents(store, lines()).pipe(take(1500)));
    await nextTurn();

    expect(seen).toEqual({ read: 2000, isClosed: true });
    expect(await readAll(store)).toHaveLength(2000);
  });

  it('loadEvents closes the iterator of lines and stores nothing after an unsubscription during a read of that iterator', async () => {
    const store = createMemoryStore();
    const { lines, seen, push } = pushed();
    const { subscription } = note(loadEvents(store, lines));
    push(valid);
    await nextTurn();
    expect(seen).toEqual({ requested: 2, closed: 0 });

    subscription.unsubscribe();
    expect(seen.closed).toBe(1);
    push(valid);
    await nextTurn();

    expect(seen).toEqual({ requested: 2, closed: 1 });
    expect(await readAll(store)).toEqual([]);
  });

  it('loadEvents closes the iterator of lines at an invalid line', async () => {
    const { seen, lines } = source(10, '{');

    await failureOf(lastValueFrom(loadEvents(createMemoryStore(), lines())));
    await nextTurn();

    expect(seen).toEqual({ read: 1, isClosed: true });
  });

  it('loadEvents errors with the error of the iterator of lines', async () => {
    const failure = new Error('read failed');
    async function* lines() {
      yield valid;
      throw failure;
    }

    expect(await failureOf(lastValueFrom(loadEvents(createMemoryStore(), lines())))).toBe(failure);
  });

  it('loadEvents ignores an error with which the iterator of lines fails to close', async () => {
    const { lines, push } = pushed();
    const unclosable: AsyncIterable<string> = {
      [Symbol.asyncIterator]: () => ({
        next: lines[Symbol.asyncIterator]().next,
        return: () => Promise.reject(new Error('no')),
      }),
    };
    const notes = note(loadEvents(createMemoryStore(), unclosable));

    notes.subscription.unsubscribe();
    push(valid);
    await nextTurn();

    expect([notes.values, notes.error]).toEqual([[], undefined]);
  });
});
