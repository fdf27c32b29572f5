import { DemoError } from '../demo-error.ts';
import { printable } from '../printable.ts';
import { showNumber } from '../report/show-number.ts';
import type { StreamTables } from './stream-tables.ts';

/**
 * Refuses tables that know of events which the stream does not have: it was deleted, or its server has lost them. New
 * ones would come under the same numbers, and be taken for counted.
 *
 * @param latest - The number of the latest event in the stream.
 * @throws DemoError
 */
export function refuseAhead({ places, positions, file }: StreamTables, url: string, latest: number): void {
  const counted = [...positions.getRange()].map(({ value }) => value);
  const known = Math.max(places.get('place')?.seqNum ?? 0, ...counted);
  if (known <= latest) return;
  const end = latest === 0 ? 'is empty' : `ends at ${showNumber(latest)}`;
  throw new DemoError(
    `${printable(file)} has a record of event ${showNumber(known)}, but ${url} ${end}: it was deleted, or has lost events; start over with --fresh`,
  );
}
