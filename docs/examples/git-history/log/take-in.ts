import { afterSequenceNumber, atSequenceNumber, type EventStore } from 'rx-watcher';
import { firstValueFrom, lastValueFrom, reduce } from 'rxjs';
import { DemoError } from '../demo-error.ts';
import { printable } from '../printable.ts';
import { showNumber } from '../report/show-number.ts';
import type { FileEvent } from './file-event.ts';
import type { StreamPlace, StreamTables } from './stream-tables.ts';
import { unrecorded } from './unrecorded.ts';

/** The place that an event is at. */
export const placeOf = ({ seqNum, object: { commit, path } }: FileEvent): StreamPlace => ({
  seqNum,
  commit,
  path,
});

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
  const place = places.get('place');
  const known = place?.seqNum ?? 0;
  if (place !== undefined) await refuseOther(place, events, url, file);

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

async function refuseOther(
  place: StreamPlace,
  events: EventStore<FileEvent>,
  url: string,
  file: string,
): Promise<void> {
  const found = placeOf(await firstValueFrom(events.events(atSequenceNumber(place.seqNum), { live: false })));
  if (found.commit === place.commit && found.path === place.path) return;
  throw new DemoError(
    `event ${showNumber(place.seqNum)} of ${url} is not the one that ${printable(file)} has a record of: the stream was made anew; start over with --fresh`,
  );
}
