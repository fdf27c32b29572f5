import type { JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { openJetStreamStore } from 'rx-watcher/jetstream';
import { advanceRecord } from './advance-record.ts';
import type { DemoLog } from './demo-log.ts';
import type { FileEvent } from './file-event.ts';
import { holdBack } from './hold-back.ts';
import { DESCRIPTION } from './recognise-stream.ts';
import { refuseAhead } from './refuse-ahead.ts';
import type { StreamAddress } from './stream-address.ts';
import { openStreamTables, placeOf, type StreamTables } from './stream-tables.ts';
import { takeIn } from './take-in.ts';

export interface StreamLogParts {
  readonly address: StreamAddress;
  /** Is closed with the log. */
  readonly connection: NatsConnection;
  readonly manager: JetStreamManager;
  /** The file of the tables. */
  readonly tables: string;
  /** The number of the latest event in the stream. */
  readonly held: number;
}

/**
 * Opens a log whose events are in a stream, its tables in a file beside, and makes the two agree.
 *
 * @throws DemoError if they cannot be of the same log.
 */
export async function openStreamLog(parts: StreamLogParts): Promise<DemoLog> {
  const { address, connection, manager, held } = parts;
  const { stream, url } = address;
  const tables = openStreamTables(parts.tables);
  try {
    refuseAhead(tables, url, held);
    const events = await openJetStreamStore<FileEvent>({ connection, stream, gcAgeThreshold: 0 });
    if (held === 0) await manager.streams.update(stream, { description: DESCRIPTION });
    await takeIn(tables, events, url);
    await holdBack(tables, events);
    return {
      ...tables,
      events,
      storeBatch: storeBatchIn(tables, events),
      async close() {
        await events.close();
        await connection.close();
        await tables.env.close();
      },
    };
  } catch (error) {
    await tables.env.close();
    throw error;
  }
}

/** The events first, then the record: when a kill comes between, {@link takeIn} makes up for it. */
const storeBatchIn =
  (tables: StreamTables, events: DemoLog['events']): DemoLog['storeBatch'] =>
  async (batch, before, after) => {
    const stored = await events.storeEvents(batch);
    const place = placeOf(stored.at(-1) as FileEvent);
    await tables.transaction(() => {
      const known = tables.places.get('place')?.seqNum ?? 0;
      if (place.seqNum !== known + batch.length) throw new Error('another process stores in the stream too');
      advanceRecord(tables, before, after);
      void tables.places.put('place', place);
    });
  };
