import { lastValueFrom, toArray } from 'rxjs';
import type { DeadLetter, DeadLetterRequest, EventStore } from '../../../index.ts';

/** What is told of an event that was given up. */
export const letter = (seqNum: number, rest: Partial<DeadLetterRequest> = {}): DeadLetterRequest => ({
  watcherId: 'w',
  seqNum,
  errors: [
    {
      name: 'Error',
      message: 'nobody at home\n\ud83d\udeaa',
      stack: 'Error: nobody\n    at home',
      code: 'ENOBODY',
    },
    { name: 'string', message: '' },
  ],
  attempts: 3,
  firstTime: new Date(1_000),
  lastTime: new Date(2_000),
  ...rest,
});

/** The dead letters of a watcher. */
export const lettersOf = (store: EventStore, watcherId = 'w'): Promise<readonly DeadLetter[]> =>
  lastValueFrom(store.deadLetters(watcherId).pipe(toArray()));
