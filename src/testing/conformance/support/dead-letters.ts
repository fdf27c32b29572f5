import { lastValueFrom, toArray } from 'rxjs';
import type { DeadLetter, DeadLetterRequest, EventStore } from '../../../index.ts';

/** Creates a request to store a dead letter. */
export const deadLetter = (seqNum: number, rest: Partial<DeadLetterRequest> = {}): DeadLetterRequest => ({
  watcherId: 'w',
  seqNum,
  errors: [
    {
      name: 'Error',
      message: 'no answer\n\ud83d\udeaa',
      stack: 'Error: no answer\n    at home',
      code: 'ENOANSWER',
    },
    { name: 'string', message: '' },
  ],
  attempts: 3,
  firstTime: new Date(1_000),
  lastTime: new Date(2_000),
  ...rest,
});

export const deadLettersOf = (store: EventStore, watcherId = 'w'): Promise<readonly DeadLetter[]> =>
  lastValueFrom(store.deadLetters(watcherId).pipe(toArray()));
