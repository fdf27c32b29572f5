import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { cannotOpen } from './cannot-open.ts';
import { deleteStore } from './delete-store.ts';
import type { DemoStore } from './demo-store.ts';
import { openStreamLog } from './open-stream-log.ts';
import { recognise } from './recognise.ts';
import { recogniseStream } from './recognise-stream.ts';
import type { StreamAddress } from './stream-address.ts';
import { tablesPath } from './tables-path.ts';
import { unrecorded } from './unrecorded.ts';

/**
 * A store whose events are in a stream of JetStream. Its tables are in a file beside: a stream knows no transaction in
 * which rows could be written too.
 */
export function streamStore(address: StreamAddress): DemoStore {
  const tables = tablesPath(address);
  const { url, host, port, stream } = address;
  return {
    name: url,
    tables,
    async open(fresh) {
      const server = { servers: `nats://${host}:${port}`, maxReconnectAttempts: -1 };
      const connection = await connect(server).catch((cause) => {
        throw cannotOpen(url, cause);
      });
      try {
        const manager = await jetstreamManager(connection);
        const held = await recogniseStream(manager, address);
        const hasTables = recognise(tables);
        if (fresh && held > 0) await manager.streams.delete(stream);
        if (fresh && hasTables) deleteStore(tables);
        if (!fresh && held > 0 && !hasTables) throw unrecorded(url, tables, 0);
        return await openStreamLog({ address, connection, manager, tables, held: fresh ? 0 : held });
      } catch (cause) {
        await connection.close();
        throw cannotOpen(url, cause);
      }
    },
  };
}
