import { afterSequenceNumber, type EventStore } from 'rx-watcher';
import { lastValueFrom, reduce } from 'rxjs';
import type { FileEvent } from './file-event.ts';
import { refuseOther } from './refuse-other.ts';
import { placeOf, type StreamTables } from './stream-tables.ts';
import { unrecorded } from './unrecorded.ts';

/**
 * Moves the record of the import on to the end of the stream: a run that was killed may have stored a batch, or the
 * beginning of one, and not come to note it.
 *
 * @throws DemoError if the events are not those of the import that the tables know.
 */
export async function takeIn(
  tables: StreamTables,
  events: EventStore<FileEvent>,
  url: string,
): Promise<void> {
  const { places, imports, file, transaction } = tables;
  const known = places.get('place')?.seqNum ?? 0;
  await refuseOther(tables, events, url);

  const none: { count: number; last: FileEvent | undefined } = { count: 0, last: undefined };
  const rest$ = events.events(afterSequenceNumber(known), { live: false });
  const { count, last } = await lastValueFrom(
    rest$.pipe(reduce((so, event) => ({ count: so.count + 1, last: event }), none)),
  );
  if (last === undefined) return;
  const record = imports.get('import');
  if (record === undefined || record.done) throw unrecorded(url, file, known);
  const { seqNum, ...at } = placeOf(last);
  await transaction(() => {
    void imports.put('import', { ...record, stored: record.stored + count, last: at });
    void places.put('place', { seqNum, ...at });
  });
}
