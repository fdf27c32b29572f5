import { count, from, lastValueFrom, map, mergeMap, toArray } from 'rxjs';
import type { Outcome } from '../../handling/outcome.ts';
import { serializedErrors } from '../../store/dead-letter.ts';
import type { Manager } from '../../watcher/managed/manager.ts';
import type { DeadLetterActionResult } from '../api.ts';
import type { InspectorContext } from '../inspector-context.ts';
import { findDeadLetter } from '../read/dead-letter-rows.ts';

/** Maximum number of failures that a response lists. The response also contains the number of all failures. */
const MAX_FAILURES = 100;

/** Maximum number of concurrent deletions. It limits the pending requests of a store with many dead letters. */
const CONCURRENT_DELETIONS = 64;

function resultOf(
  { redaction }: InspectorContext,
  id: string,
  outcomes: readonly Outcome[],
): DeadLetterActionResult {
  const failed = outcomes.filter((outcome) => outcome.status === 'skipped');
  const failures = failed.slice(0, MAX_FAILURES).flatMap(({ seqNum, error }) => {
    // The cause of the outcome's error is the error of the handler.
    const [shown] = serializedErrors(error.cause);
    return shown === undefined ? [] : [{ seqNum, error: redaction.error(shown, { watcherId: id, seqNum }) }];
  });
  return { removed: outcomes.length - failed.length, failed: failed.length, failures };
}

/**
 * Delivers dead letters to the handler of their watcher again.
 *
 * @param seqNum - Sequence number of one dead letter; by default, all dead letters of the watcher are delivered.
 * @throws The error of `manager.redrive`.
 */
export async function redriveDeadLetters(
  context: InspectorContext,
  manager: Manager,
  id: string,
  seqNum?: number,
): Promise<DeadLetterActionResult> {
  // `redrive` also rejects a missing dead letter, but as an invalid option, which would be reported as a fault of the body.
  if (seqNum !== undefined) await findDeadLetter(context, id, seqNum);
  const outcomes = await manager.redrive(id, seqNum === undefined ? {} : { seqNums: [seqNum] });
  return resultOf(context, id, outcomes);
}

/**
 * Deletes dead letters. Their events are not handled again.
 *
 * @param seqNum - Sequence number of one dead letter; by default, all dead letters that the watcher has at the time of the
 *   call are deleted.
 */
export async function deleteDeadLetters(
  context: InspectorContext,
  id: string,
  seqNum?: number,
): Promise<DeadLetterActionResult> {
  const { store } = context;
  if (seqNum !== undefined) await findDeadLetter(context, id, seqNum);
  const seqNums =
    seqNum === undefined
      ? await lastValueFrom(
          store.deadLetters(id).pipe(
            map((deadLetter) => deadLetter.seqNum),
            toArray(),
          ),
        )
      : [seqNum];
  const deletions$ = from(seqNums).pipe(
    mergeMap((each) => store.deleteDeadLetter(id, each), CONCURRENT_DELETIONS),
    count(),
  );
  return { removed: await lastValueFrom(deletions$), failed: 0, failures: [] };
}
