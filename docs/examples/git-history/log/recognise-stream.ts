import { JetStreamApiCodes, JetStreamApiError, type JetStreamManager } from '@nats-io/jetstream';
import { DemoError } from '../demo-error.ts';
import type { StreamAddress } from './stream-address.ts';

/** What a stream of this demo is told by from others: how it is described, from before its first event. */
export const DESCRIPTION = 'git-history, the demo of rx-watcher';

/**
 * Tells how far a stream of this demo has come, without writing to it.
 *
 * @returns The number of its latest event; 0 if there is none, nor perhaps a stream.
 * @throws DemoError if the stream holds anything else.
 */
export async function recogniseStream(
  manager: JetStreamManager,
  { stream, url }: StreamAddress,
): Promise<number> {
  const found = await manager.streams.info(stream).catch((error: unknown) => {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound)
      return undefined;
    throw error;
  });
  const latest = found?.state.last_seq ?? 0;
  if (latest === 0 || found?.config.description === DESCRIPTION) return latest;
  throw new DemoError(
    `${url} is no store of this demo; it was left as it is; name another stream with --store`,
  );
}
