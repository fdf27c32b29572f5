import { firstValueFrom } from 'rxjs';
import { InvalidOptionsError, InvalidRequestError } from '../../../../index.ts';
import { deadLetter, deadLettersOf } from '../../support/dead-letters.ts';
import { failureOf, faultPaths } from '../../support/fault-paths.ts';
import { created } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';

export const describeInvalidDeadLetters = ({ describe, expect, test, open }: StoreSuite) =>
  describe('an invalid dead letter', () => {
    const openFilled = async () => {
      const store = await open();
      await store.storeEvent(created(1));
      return { store };
    };

    test.each<[string, unknown, readonly string[]]>([
      [
        'only invalid properties',
        {
          watcherId: ' ',
          seqNum: 0,
          errors: [{ name: 5, message: 'no' }, null, { name: '', message: '', stack: 1, code: 2 }],
          attempts: 0.5,
          firstTime: new Date(Number.NaN),
          lastTime: 5,
        },
        [
          'attempts',
          'errors.0.name',
          'errors.1',
          'errors.2.code',
          'errors.2.stack',
          'firstTime',
          'lastTime',
          'seqNum',
          'watcherId',
        ],
      ],
      ['no properties', {}, ['attempts', 'errors', 'firstTime', 'lastTime', 'seqNum', 'watcherId']],
      ['undefined as its value', undefined, ['']],
    ])(
      'an invalid dead letter is rejected with every fault, and moves no checkpoint: %s',
      async (_name, invalid, paths) => {
        const { store } = await openFilled();
        const failure = await failureOf(store.storeDeadLetter(invalid as never, 3));

        expect(failure).toBeInstanceOf(InvalidRequestError);
        expect([...new Set(faultPaths(failure))].sort()).toEqual(paths);
        expect(await firstValueFrom(store.checkpoints())).toEqual(new Map());
      },
    );

    test.each([-1, 0.5, Number.NaN, '3', null])(
      'a dead letter is rejected if its checkpoint has the value %o',
      async (invalid) => {
        const { store } = await openFilled();

        expect(await failureOf(store.storeDeadLetter(deadLetter(3), invalid as never))).toBeInstanceOf(
          InvalidOptionsError,
        );
        expect(await deadLettersOf(store)).toEqual([]);
      },
    );
  });
