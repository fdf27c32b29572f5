import { distinctUntilKeyChanged } from 'rxjs';

/** Starts a watcher under a lease. Records in the journal if the watcher stops running before the process must end. */
export function startLeasedWatcher({ rx, journal, isOver, reportState }, store, watcherId, duration) {
  const manager = rx.createManager(store, { lease: { duration } });
  const watcher = manager.create(watcherId, { handler: () => undefined });
  let hasRun = false;
  watcher.stats$.pipe(distinctUntilKeyChanged('state')).subscribe(({ state, lastError }) => {
    if (state === 'running') {
      hasRun = true;
      reportState('leased');
      // A hard limit of another process can delete events that the watcher has not handled. That failure is expected, because
      // it is unrelated to the lease.
    } else if (hasRun && !isOver() && !(lastError instanceof rx.SequenceTrimmedError))
      journal.note('deposed', watcherId, state);
  });
  watcher.start();
  return manager;
}
