import { asyncScheduler, count, lastValueFrom, type SchedulerLike, tap } from 'rxjs';
import { trimHorizon } from '../../../../index.ts';
import { created, span } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';

/**
 * Counts the turns of the event loop from now on. Returns a function that stops the count and returns the number of turns.
 */
function countTurns() {
  let turns = 0;
  let immediate = setImmediate(function turn() {
    turns++;
    immediate = setImmediate(turn);
  });
  return () => {
    clearImmediate(immediate);
    return turns;
  };
}

export const describeYielding = ({ describe, expect, test, open }: StoreSuite) =>
  describe('a long replay', () => {
    test('a long replay yields to the event loop at least once for every 50 events that take 1 ms each', async () => {
      let clock = 0;
      const scheduler: SchedulerLike = Object.create(asyncScheduler, { now: { value: () => clock } });
      const store = await open({ scheduler });
      await store.storeEvents(span(1, 1000).map(created));
      const turns = countTurns();

      const counted = store.events(trimHorizon(), { live: false }).pipe(
        tap(() => clock++),
        count(),
      );

      expect(await lastValueFrom(counted)).toBe(1000);
      const eventsPerTurn = 1000 / turns();
      expect(eventsPerTurn).toBeLessThan(50);
    });
  });
