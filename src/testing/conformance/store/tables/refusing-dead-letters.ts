import { firstValueFrom } from 'rxjs';
import { type EventStore, InvalidOptionsError } from '../../../../index.ts';
import { deadLetter } from '../../support/dead-letters.ts';
import { failureOf, faultPaths } from '../../support/fault-paths.ts';
import type { StoreSuite } from '../../support/suite.ts';

const calls: readonly [string, (store: EventStore) => Promise<unknown>][] = [
  ['storeDeadLetter', (store) => store.storeDeadLetter(deadLetter(1), 1)],
  ['deadLetters', (store) => firstValueFrom(store.deadLetters('w'))],
  ['deleteDeadLetter', (store) => store.deleteDeadLetter('w', 1)],
];

export const describeMissingDeadLetters = ({ describe, expect, test, open }: StoreSuite) =>
  describe('a store without dead letters', () => {
    test.each(calls)(
      'a store without dead letters rejects a call of %s and moves no checkpoint',
      async (_name, call) => {
        const store = await open();

        const error = await failureOf(call(store));

        expect(error).toBeInstanceOf(InvalidOptionsError);
        expect(faultPaths(error)).toEqual(['deadLetters']);
        expect(await firstValueFrom(store.checkpoints())).toEqual(new Map());
      },
    );
  });
