import type { Command } from 'commander';
import { filter, lastValueFrom, toArray } from 'rxjs';
import type { DeadLetter, SerializedError } from '../../index.ts';
import { parseWhole } from '../arguments/number.ts';
import { type ConfirmOptions, confirm } from '../confirm.ts';
import { formatEvent } from '../output/event-details.ts';
import { toDocument, toPrettyJson } from '../output/event-format.ts';
import { outputWidth, print, printNote } from '../output/print.ts';
import { type Column, formatFields, formatTable } from '../output/table.ts';
import { safeLines } from '../output/text.ts';
import { type OpenStore, type StoredEvent, withStore } from '../store/open-store.ts';
import { listIds } from '../store/watcher-activity.ts';

type StoredDeadLetter = DeadLetter<StoredEvent>;

interface JsonOption {
  readonly json?: boolean;
}

const documentOf = ({ event, ...deadLetter }: StoredDeadLetter): object => ({
  ...deadLetter,
  ...(event !== undefined && { event: toDocument(event) }),
});

/** Returns a time without milliseconds: `2026-01-31 12:00:00Z`. */
const shortTime = (time: Date): string => time.toISOString().replace('T', ' ').replace(/\.\d+/, '');

const COLUMNS: readonly Column<StoredDeadLetter>[] = [
  { title: 'WATCHER', value: ({ watcherId }) => watcherId, minWidth: 6 },
  { title: 'EVENT', value: ({ seqNum }) => String(seqNum), isNumber: true },
  { title: 'TYPE', value: ({ event }) => event?.objectType ?? '', minWidth: 4 },
  { title: 'ATTEMPTS', value: ({ attempts }) => String(attempts), isNumber: true },
  { title: 'GIVEN UP', value: ({ lastTime }) => shortTime(lastTime) },
  {
    title: 'ERROR',
    value: ({ errors: [error] }) => (error ? `${error.name}: ${error.message}` : ''),
    isDetail: true,
  },
];

/**
 * Compares two dead letters by watcher and event. The dead letters are sorted, because their order in the store depends on
 * the engine.
 */
const byWatcher = (a: StoredDeadLetter, b: StoredDeadLetter): number =>
  a.watcherId === b.watcherId ? a.seqNum - b.seqNum : a.watcherId < b.watcherId ? -1 : 1;

/**
 * Reads the dead letters of a watcher, or of all watchers.
 *
 * @throws {@link Error} if the watcher is not known. An empty list would hide a mistyped id.
 */
async function readDeadLetters(store: OpenStore, watcherId: string | undefined): Promise<StoredDeadLetter[]> {
  const deadLetters = await lastValueFrom(store.deadLetters(watcherId).pipe(toArray()));
  if (watcherId === undefined || deadLetters.length > 0) return deadLetters;
  const known = (await lastValueFrom(store.watchers())).map(({ id }) => id);
  if (known.includes(watcherId)) return deadLetters;
  throw new Error(
    `watcher '${watcherId}' has no dead letter, checkpoint or report; watchers of the log: ${listIds(known)}`,
  );
}

async function list(location: string, watcherId: string | undefined, { json }: JsonOption): Promise<void> {
  const deadLetters = await withStore(location, 'read', (store) => readDeadLetters(store, watcherId));
  deadLetters.sort(byWatcher);
  if (json) await print(toPrettyJson(deadLetters.map(documentOf)));
  else if (deadLetters.length === 0) printNote('there are no dead letters');
  else await print(formatTable(COLUMNS, deadLetters, outputWidth()));
}

/**
 * Returns the dead letter of a watcher at an event.
 *
 * @throws {@link Error} if the dead letter does not exist.
 */
async function find(store: OpenStore, watcherId: string, seqNum: number): Promise<StoredDeadLetter> {
  const [found] = await lastValueFrom(
    store.deadLetters(watcherId).pipe(
      filter((deadLetter) => deadLetter.seqNum === seqNum),
      toArray(),
    ),
  );
  if (found !== undefined) return found;
  throw new Error(`watcher '${watcherId}' has no dead letter of event ${seqNum}`);
}

/**
 * Returns an error as text, with its code and its stack. Name and message are added only if the stack does not contain the
 * message.
 */
function errorText({ name, message, stack, code }: SerializedError): string {
  const kind = code === undefined ? '' : `[${code}] `;
  const text = stack?.includes(message)
    ? stack
    : [`${name}: ${message}`, ...(stack ? [stack] : [])].join('\n');
  return safeLines(kind + text);
}

/** Returns a dead letter as lines: its fields, its errors with their stacks, and the object of its event. */
function format({
  event,
  watcherId,
  seqNum,
  attempts,
  firstTime,
  lastTime,
  errors,
}: StoredDeadLetter): string {
  const fields: [string, string][] = [
    ['watcher', watcherId],
    ['event', String(seqNum)],
    ['attempts', String(attempts)],
    ['first attempt', firstTime.toISOString()],
    ['given up', lastTime.toISOString()],
  ];
  const causes = errors.map((error, index) => `${index === 0 ? 'error' : 'caused by'} ${errorText(error)}`);
  const details = event === undefined ? 'the event cannot be read' : formatEvent(toDocument(event));
  return [formatFields(fields, Number.POSITIVE_INFINITY), ...causes, details].join('\n\n');
}

async function show(
  location: string,
  watcherId: string,
  seqNum: number,
  { json }: JsonOption,
): Promise<void> {
  const deadLetter = await withStore(location, 'read', (store) => find(store, watcherId, seqNum));
  await print(json ? toPrettyJson(documentOf(deadLetter)) : format(deadLetter));
}

async function remove(
  location: string,
  watcherId: string,
  seqNum: number,
  options: ConfirmOptions,
): Promise<void> {
  const deadLetter = await withStore(location, 'read', (store) => find(store, watcherId, seqNum));
  const error = deadLetter.errors[0]?.message ?? 'without an error';
  const question = `Delete the dead letter of event ${seqNum} of watcher '${watcherId}' (${error})?`;
  if (!(await confirm(question, options))) {
    printNote('nothing was changed');
    return;
  }
  await withStore(location, 'write', (store) => store.deleteDeadLetter(watcherId, seqNum));
  printNote(`deleted the dead letter of event ${seqNum} of watcher '${watcherId}'`);
}

export function addDeadLetters(program: Command): void {
  const store = ['<store>', 'path of the data file, or nats://host:port/stream'] as const;
  const group = program
    .command('dead-letters')
    .summary('list, show and delete dead letters (delete writes)')
    .description('Lists, shows and deletes dead letters: events that a watcher has given up.')
    .helpCommand(false);
  group
    .command('list')
    .description('Lists dead letters.')
    .argument(...store)
    .argument('[watcher]', 'id of a watcher; by default all watchers')
    .option('--json', 'print a JSON document')
    .action(list);
  const one = (name: string, description: string) =>
    group
      .command(name)
      .description(description)
      .argument(...store)
      .argument('<watcher>', 'id of the watcher')
      .argument('<seqNum>', 'sequence number of the event', parseWhole(1));
  one('show', 'Shows a dead letter with its errors and its event.')
    .option('--json', 'print a JSON document')
    .action(show);
  one('delete', 'Deletes a dead letter (writes). Its event is not handled again.')
    .option('--yes', 'do not ask')
    .action(remove);
}
