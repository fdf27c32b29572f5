import { setImmediate as nextTurn } from 'node:timers/promises';
import { distinctUntilKeyChanged, filter } from 'rxjs';
import { WATCHERS } from '../watchers.mjs';

/** The handler fails for each event with an id that is a multiple of this number. The event becomes a dead letter. */
const EVENTS_PER_DEAD_LETTER = 300;

/** Duration of a lease, in milliseconds. Short, so that leases of killed processes are taken within a round. */
const LEASE = 1500;

/** Runs watchers under leases, which all processes of this role share, with dead letters. */
export async function watch({ rx, random, journal, isOver, openStore, pause }) {
  const opened = openStore();
  if (opened === undefined) return;
  const { store, close } = opened;
  const manager = rx.createManager(store, { lease: { duration: LEASE } });
  let failure;

  /** Restarts a watcher at the oldest event if its position was trimmed, unless another process runs it now. */
  const goOn = async (watcher, error) => {
    try {
      if (!(error instanceof rx.SequenceTrimmedError)) throw error;
      await watcher.seek(rx.trimHorizon());
    } catch (cause) {
      const isHarmless = [rx.InvalidStateError, rx.LeaseLostError].some((type) => cause instanceof type);
      if (!isHarmless && !isOver()) failure ??= cause;
    }
  };
  const begin = (watcherId) => {
    const watcher = manager.create(watcherId, {
      async handler({ object }) {
        if (random.oneIn(50)) await nextTurn();
        if (object.id % EVENTS_PER_DEAD_LETTER === 0) throw new Error('given up');
      },
      maxRetries: 0,
      retryStrategy: 'deadLetter',
    });
    watcher.outcomes$.pipe(filter(({ deadLettered }) => deadLettered)).subscribe(({ seqNum }) => {
      journal.note('letter', watcherId, seqNum);
    });
    watcher.stats$
      .pipe(
        distinctUntilKeyChanged('state'),
        filter(({ state }) => state === 'failed'),
      )
      .subscribe(({ lastError }) => void goOn(watcher, lastError));
    watcher.start();
  };

  for (const watcherId of WATCHERS) begin(watcherId);
  while (!isOver() && failure === undefined) await pause(50);
  if (failure !== undefined) throw failure;
  for (const watcher of manager.watchers()) journal.note('handled', watcher.id, watcher.stats().handled);
  await manager.stop();
  await close();
}
