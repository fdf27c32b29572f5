/** Corrects the tables in the LMDB file after a kill, or reports that the tables and the stream belong to different logs. */
import { afterSequenceNumber, atSequenceNumber } from 'rx-watcher';
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { DemoError, formatNumber, printable } from './command-line.ts';
import { type DemoLog, recordAfter, type Tables } from './open-log.ts';
import type { StreamAddress } from './stream-address.ts';

type StreamLog = Pick<DemoLog, keyof Tables | 'events' | 'transaction'>;

/**
 * Rejects a stream that ends before the last event that the tables count. New events would get sequence numbers of counted
 * events, and would therefore not be counted.
 *
 * @param latest - Sequence number of the last event in the stream.
 * @throws {@link DemoError} if the stream was deleted, or has lost events.
 */
export function assertNotTruncated(address: StreamAddress, tables: Tables, latest: number): void {
  const { imports, positions } = tables;
  const counted = [...positions.getRange()].map(({ value }) => value);
  const known = Math.max(imports.get('import')?.last?.seqNum ?? 0, ...counted);
  if (known <= latest) return;
  const end = latest === 0 ? 'is empty' : `ends at event ${formatNumber(latest)}`;
  throw startOver(
    address,
    `'${printable(address.tables)}' has a record of event ${formatNumber(known)}, but the stream ${end}, so it was deleted or has lost events`,
  );
}

/**
 * Adds to the import record the events of the stream that it does not count. Then lowers each checkpoint that is ahead of the
 * position of its watcher in the tables.
 *
 * @throws {@link DemoError} if the events are not those of the recorded import.
 */
export async function reconcile(address: StreamAddress, log: StreamLog): Promise<void> {
  await assertSameStream(address, log);
  await countUnrecorded(address, log);
  await lowerCheckpoints(log);
}

/** Rejects a stream that holds another event under the last sequence number of the import record. */
async function assertSameStream(address: StreamAddress, { imports, events }: StreamLog): Promise<void> {
  const last = imports.get('import')?.last;
  if (last === undefined) return;
  const { object } = await firstValueFrom(events.events(atSequenceNumber(last.seqNum), { live: false }));
  if (object.commit === last.commit && object.path === last.path) return;
  throw startOver(
    address,
    `event ${formatNumber(last.seqNum)} is not the event in the record of '${printable(address.tables)}', so the stream was deleted and created again`,
  );
}

/** Counts events that a killed run has stored, but not recorded: at most one batch. */
async function countUnrecorded(
  address: StreamAddress,
  { imports, events, transaction }: StreamLog,
): Promise<void> {
  const record = imports.get('import');
  const known = record?.last?.seqNum ?? 0;
  const unrecorded = await lastValueFrom(
    events.events(afterSequenceNumber(known), { live: false }).pipe(toArray()),
  );
  if (unrecorded.length === 0) return;
  if (record === undefined || record.done) throw missingRecord(address, known);
  await transaction(() => void imports.put('import', recordAfter(record, unrecorded)));
}

/**
 * Lowers the checkpoint of each watcher that is ahead of its position in the tables. Otherwise, the watcher would skip events
 * that no row counts. Checkpoints are stored on the server, so they survive the loss of the tables.
 *
 * If the tables have no position of a watcher, its checkpoint is deleted. The checkpoint can be left from a deleted stream, and
 * the watcher would then fail.
 */
async function lowerCheckpoints({ positions, events }: StreamLog): Promise<void> {
  const checkpoints = await firstValueFrom(events.checkpoints());
  for (const [view, seqNum] of checkpoints) {
    const position = positions.get(view);
    if (position === undefined) await events.deleteCheckpoint(view);
    else if (seqNum > position) await events.storeCheckpoint(view, position);
  }
}

/**
 * Returns the error for events that the tables do not know: they were stored from another directory or machine.
 *
 * @param known - Sequence number of the last known event; 0 if there is none.
 */
export function missingRecord({ url, tables }: StreamAddress, known: number): DemoError {
  const events = known === 0 ? 'its events' : `the events after number ${formatNumber(known)}`;
  return new DemoError(
    `cannot continue '${url}': '${printable(tables)}' has no import record of ${events}; run the demo in the directory where they were stored, or start over with --fresh`,
  );
}

const startOver = ({ url }: StreamAddress, reason: string): DemoError =>
  new DemoError(`cannot continue '${url}': ${reason}; start over with --fresh`);
