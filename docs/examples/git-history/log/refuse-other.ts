import { atSequenceNumber, type EventStore } from 'rx-watcher';
import { firstValueFrom } from 'rxjs';
import { DemoError } from '../demo-error.ts';
import { printable } from '../printable.ts';
import { showNumber } from '../report/show-number.ts';
import type { FileEvent } from './file-event.ts';
import { placeOf, type StreamTables } from './stream-tables.ts';

/**
 * Refuses a stream that has another event where the tables know one: it was deleted, and made anew.
 *
 * @throws DemoError
 */
export async function refuseOther(
  { places, file }: StreamTables,
  events: EventStore<FileEvent>,
  url: string,
): Promise<void> {
  const place = places.get('place');
  if (place === undefined) return;
  const event$ = events.events(atSequenceNumber(place.seqNum), { live: false });
  const found = placeOf(await firstValueFrom(event$));
  if (found.commit === place.commit && found.path === place.path) return;
  throw new DemoError(
    `event ${showNumber(place.seqNum)} of ${url} is not the one that ${printable(file)} has a record of: the stream was made anew; start over with --fresh`,
  );
}
