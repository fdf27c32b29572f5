import type { EventStore } from 'rx-watcher';
import { firstValueFrom } from 'rxjs';
import type { FileEvent } from './file-event.ts';
import type { StreamTables } from './stream-tables.ts';

/**
 * Sets back the checkpoints that are ahead of what the tables count. They are kept with the stream, and so outlive tables
 * that are lost, and a stream that is deleted: a watcher would go on behind events that nobody has counted.
 */
export async function holdBack({ positions }: StreamTables, events: EventStore<FileEvent>): Promise<void> {
  const checkpoints = await firstValueFrom(events.checkpoints());
  for (const [view, seqNum] of checkpoints) {
    const position = positions.get(view) ?? 0;
    if (seqNum > position) await events.storeCheckpoint(view, position);
  }
}
