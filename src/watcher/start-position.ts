import { defer, map, type Observable, of, tap, zip } from 'rxjs';
import { CheckpointError } from '../errors.ts';
import type { Event } from '../event/event.ts';
import { afterSequenceNumber, type EventIterator, showIterator } from '../event/event-iterator.ts';
import { isFinal } from './is-final.ts';
import { type RunContext, tryAgain } from './run-context.ts';

/** Whether an iterator names a place that the log has not reached, so that waiting for it could take for ever. */
const isBeyond = (iterator: EventIterator, latest: number): boolean =>
  (iterator.type === 'at_sequence_number' && iterator.sequenceNumber > latest + 1) ||
  (iterator.type === 'after_sequence_number' && iterator.sequenceNumber > latest);

/**
 * Finds where a run begins: after its checkpoint; without one, where its options say.
 *
 * @throws CheckpointError if the checkpoint lies beyond the log.
 */
export function startPosition<E extends Event>(context: RunContext<E>): Observable<EventIterator> {
  const { store, watcherId, options, monitor, startAt } = context;

  const decide = (checkpoint: number | undefined, latest: number): EventIterator => {
    if (startAt !== undefined) return startAt;
    if (checkpoint !== undefined && checkpoint > latest) {
      throw new CheckpointError(watcherId, `${checkpoint} lies beyond the log, which ends at ${latest}`);
    }
    if (checkpoint !== undefined) return afterSequenceNumber(checkpoint);
    const initial = options.initialEventIterator;
    if (isBeyond(initial, latest)) {
      store.logger?.warn(
        `watcher '${watcherId}' was to begin at ${showIterator(initial)}; the log ends at ${latest}: it begins there`,
      );
    } else if (initial.type !== 'latest') {
      return initial;
    }
    return afterSequenceNumber(latest);
  };

  const known = defer(() =>
    zip(options.ephemeral ? of(undefined) : store.getCheckpoint(watcherId), store.getLatestSeqNum()),
  );
  return known.pipe(
    map(([checkpoint, latest]) => ({ checkpoint, from: decide(checkpoint, latest) })),
    tap(({ checkpoint, from }) => monitor.began(from, checkpoint)),
    map(({ from }) => from),
    tryAgain(context, (error) => {
      monitor.failed(error);
      return isFinal(error);
    }),
  );
}
