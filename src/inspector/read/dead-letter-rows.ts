import { filter, firstValueFrom, take, takeWhile, toArray } from 'rxjs';
import { InvalidParameterError } from '../../http/feed/invalid-parameter.ts';
import type { DeadLetter } from '../../store/dead-letter.ts';
import type { DeadLetterDetail, DeadLetterPage, DeadLetterRow } from '../api.ts';
import type { InspectorContext } from '../inspector-context.ts';
import { readQuery } from '../request/read-query.ts';
import { RequestError } from '../request/request-error.ts';
import { toDetailText } from './event-rows.ts';
import { canRedrive } from './watcher-rows.ts';

/** Number of dead letters of a page by default. */
const LIMIT = 50;

/** Maximum number of dead letters of a page. */
const MAX_LIMIT = 500;

/** Position of a dead letter in the list of the dead letters of all watchers. */
type Position = Pick<DeadLetter, 'seqNum' | 'watcherId'>;

const compare = (a: Position, b: Position): number =>
  a.seqNum - b.seqNum || (a.watcherId === b.watcherId ? 0 : a.watcherId < b.watcherId ? -1 : 1);

/** Returns the position of the parameter `after`, which is `N/WATCHER`. */
function positionOf(after: string): Position {
  const [, seqNum = '', watcherId = ''] = /^(\d+)\/(.+)$/s.exec(after) ?? [];
  if (watcherId !== '') return { seqNum: Number(seqNum), watcherId };
  throw new InvalidParameterError('after', 'must be the value of next of the previous page');
}

/** Returns the actions that are possible for a dead letter of a watcher. */
type ActionsOf = (watcherId: string) => DeadLetterRow['actions'];

/** Creates the function that returns the actions of the dead letters of one response. It reads the watchers once. */
function createActionsOf({ readOnly, manager }: InspectorContext): ActionsOf {
  if (readOnly) return () => [];
  const redriving = manager?.watchers().filter((watcher) => canRedrive(watcher.stats().state));
  const ids = new Set(redriving?.map(({ id }) => id));
  return (watcherId) => (ids.has(watcherId) ? ['redrive', 'delete'] : ['delete']);
}

function toDeadLetterRow(
  { redaction }: InspectorContext,
  deadLetter: DeadLetter,
  actionsOf: ActionsOf,
): DeadLetterRow {
  const { watcherId, seqNum, attempts, firstTime, lastTime, errors, event } = deadLetter;
  const [error] = errors;
  const key = event && redaction.event(event)?.key;
  return {
    watcherId,
    seqNum,
    attempts,
    firstTime: firstTime.toISOString(),
    lastTime: lastTime.toISOString(),
    ...(error && { error: redaction.error(error, { watcherId, seqNum }) }),
    ...(event && { objectType: event.objectType, operation: event.operation }),
    ...(key !== undefined && { key }),
    actions: actionsOf(watcherId),
  };
}

/** Returns the response of `GET api/dead-letters`. */
export async function deadLetterPage(context: InspectorContext, request: Request): Promise<DeadLetterPage> {
  const query = readQuery(request, ['watcher', 'after', 'limit']);
  const limit = query.whole('limit', 1, MAX_LIMIT) ?? LIMIT;
  const after = query.text('after');
  const position = after === undefined ? { seqNum: 0, watcherId: '' } : positionOf(after);
  let count = 0;
  let lastSeqNum = 0;
  const found = await firstValueFrom(
    context.store.deadLetters(query.text('watcher')).pipe(
      filter((deadLetter) => compare(position, deadLetter) < 0),
      // Several watchers can have a dead letter of the same event. Their order depends on the engine, so all dead letters of
      // the last event are read before they are sorted.
      takeWhile(({ seqNum }) => {
        const isNeeded = ++count <= limit + 1 || seqNum === lastSeqNum;
        lastSeqNum = seqNum;
        return isNeeded;
      }),
      toArray(),
    ),
  );
  const page = found.sort(compare).slice(0, limit);
  const last = page.at(-1);
  const actionsOf = createActionsOf(context);
  return {
    deadLetters: page.map((deadLetter) => toDeadLetterRow(context, deadLetter, actionsOf)),
    next: last !== undefined && found.length > page.length ? `${last.seqNum}/${last.watcherId}` : null,
  };
}

/**
 * Returns the dead letter of a watcher at an event.
 *
 * @throws {@link RequestError} if the dead letter does not exist.
 */
export async function findDeadLetter(
  { store }: InspectorContext,
  watcherId: string,
  seqNum: number,
): Promise<DeadLetter> {
  const found$ = store.deadLetters(watcherId).pipe(
    filter((deadLetter) => deadLetter.seqNum === seqNum),
    take(1),
    toArray(),
  );
  const [deadLetter] = await firstValueFrom(found$);
  if (deadLetter !== undefined) return deadLetter;
  throw new RequestError(
    404,
    'ERR_NOT_FOUND',
    `Watcher '${watcherId}' has no dead letter of event ${seqNum}: it was redriven or deleted, or never existed.`,
  );
}

/** Returns a dead letter in full: a `DeadLetterDetail` as JSON. */
export function toDeadLetterText(context: InspectorContext, deadLetter: DeadLetter): string {
  const { watcherId, seqNum, errors, event } = deadLetter;
  const detail: DeadLetterDetail = {
    ...toDeadLetterRow(context, deadLetter, createActionsOf(context)),
    errors: errors.map((error) => context.redaction.error(error, { watcherId, seqNum }, true)),
  };
  const json = JSON.stringify(detail);
  return event === undefined ? json : `${json.slice(0, -1)},"event":${toDetailText(context, { event })}}`;
}
