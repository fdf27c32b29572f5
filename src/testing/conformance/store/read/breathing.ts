import { asyncScheduler, count, lastValueFrom, type SchedulerLike, tap } from 'rxjs';
import { trimHorizon } from '../../../../index.ts';
import { created, span } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';

/** Counts the turns of the event loop until it is told to stop. */
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

/** A long replay is not alone in its process. */
export const describeBreathing = ({ describe, expect, test, open }: StoreSuite) =>
  describe('a long replay', () => {
    test('lets the event loop turn again and again, as its time goes by', async () => {
      let clock = 0;
      const scheduler: SchedulerLike = Object.create(asyncScheduler, { now: { value: () => clock } });
      const store = await open({ scheduler });
      await store.storeEvents(span(1, 1000).map(created));
      const turns = countTurns();

      const taken = store.events(trimHorizon(), { live: false }).pipe(
        tap(() => clock++),
        count(),
      );

      expect(await lastValueFrom(taken)).toBe(1000);
      const longest = 1000 / turns();
      expect(longest).toBeLessThan(50);
    });
  });
