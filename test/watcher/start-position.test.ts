import { catchError, EMPTY, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { WatcherLibraryError } from '../../src/errors.ts';
import {
  afterSequenceNumber,
  atSequenceNumber,
  type EventIterator,
  latest,
  trimHorizon,
} from '../../src/event/event-iterator.ts';
import type { Logger } from '../../src/store/logger.ts';
import { watch } from '../../src/watcher/watch.ts';
import { fill } from './fill.ts';
import { asMarbles, withStore } from './virtual-store.ts';

interface Given {
  readonly from?: EventIterator;
  readonly checkpoint?: number;
  readonly ephemeral?: boolean;
}

describe('a watcher begins', () => {
  // Three events are there when it starts, and a fourth comes three milliseconds later.
  it.each<[string, Given, string]>([
    ['at the oldest, unless it is told otherwise', {}, '             (123)4'],
    ['at the oldest', { from: trimHorizon() }, '                         (123)4'],
    ['behind the latest', { from: latest() }, '                          -----4'],
    ['at a number', { from: atSequenceNumber(2) }, '                     (23)-4'],
    ['after a number', { from: afterSequenceNumber(2) }, '               3----4'],
    ['at number 0, the beginning', { from: atSequenceNumber(0) }, '      (123)4'],
    ['after number 0, the beginning', { from: afterSequenceNumber(0) }, '(123)4'],
    ['at the number that comes next', { from: atSequenceNumber(4) }, '   -----4'],
    ['after the latest number', { from: afterSequenceNumber(3) }, '      -----4'],
    ['at the latest for a number beyond the log', { from: atSequenceNumber(100) }, '       -----4'],
    ['at the latest for a number after the log', { from: afterSequenceNumber(4) }, '       -----4'],
    ['after its checkpoint', { checkpoint: 1 }, '                        (23)-4'],
    ['after its checkpoint, whatever it is told', { checkpoint: 2, from: latest() }, '     3----4'],
    ['after a checkpoint of 0', { checkpoint: 0, from: latest() }, '     (123)4'],
    ['after a checkpoint at the latest', { checkpoint: 3 }, '            -----4'],
    ['where it is told if it is ephemeral', { checkpoint: 2, ephemeral: true }, '          (123)4'],
  ])('%s', (_name, { from, checkpoint, ephemeral }, expected) => {
    withStore(({ store, hot, expectObservable }) => {
      fill(store, 'Job', 'Job', 'Job');
      if (checkpoint !== undefined) void store.storeCheckpoint('w', checkpoint);
      hot('-----x').subscribe(() => fill(store, 'Job'));
      const options = { handler: () => EMPTY, initialEventIterator: from, ephemeral };

      expectObservable(watch(store, 'w', options).pipe(asMarbles)).toBe(expected.trim());
    })();
  });

  it.each<[string, EventIterator, number]>([
    ['a number beyond the log', atSequenceNumber(100), 1],
    ['a number after the log', afterSequenceNumber(4), 1],
    ['the number that comes next', atSequenceNumber(4), 0],
    ['the latest number', afterSequenceNumber(3), 0],
    ['the latest', latest(), 0],
  ])('with a warning only where that is not where it was told: %s', (_name, from, expected) => {
    const warnings: string[] = [];
    const quiet = () => undefined;
    const logger: Logger = {
      debug: quiet,
      info: quiet,
      error: quiet,
      warn: (message) => warnings.push(message),
    };
    withStore(
      ({ store, flush }) => {
        fill(store, 'Job', 'Job', 'Job');
        watch(store, 'mailer', { handler: () => EMPTY, initialEventIterator: from }).subscribe();
        flush();
        expect(warnings).toHaveLength(expected);
        for (const warning of warnings) expect(warning).toContain('mailer');
      },
      { logger },
    )();
  });

  it(
    'not at all with a checkpoint beyond the log',
    withStore(({ store, hot, expectObservable }) => {
      fill(store, 'Job', 'Job', 'Job');
      void store.storeCheckpoint('w', 4);
      hot('--x').subscribe(() => fill(store, 'Job'));
      const codes = watch(store, 'w', { handler: () => EMPTY }).pipe(
        catchError((error: WatcherLibraryError) => of(error.code)),
      );

      expectObservable(codes).toBe('(c|)', { c: 'ERR_CHECKPOINT' });
    }),
  );
});
