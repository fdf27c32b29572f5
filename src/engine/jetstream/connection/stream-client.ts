import type { JetStreamManager, MsgRequest, NextMsgRequest, StoredMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { map, type Observable } from 'rxjs';
import { StoreError } from '../../../errors.ts';
import type { LogBounds } from '../../contract/event-log.ts';
import type { ConnectionWatch } from './connection-state.ts';
import type { SendRequest } from './request.ts';

/** Stream, and the connection to its server. */
export interface StreamClient extends Pick<ConnectionWatch, 'state' | 'state$'> {
  readonly connection: NatsConnection;
  readonly manager: JetStreamManager;
  readonly stream: string;
  /**
   * Time at which the stream was created, as the server formats it. This time identifies the stream, because a stream that
   * was deleted and created again has another time.
   */
  readonly created: string;
  /** First tokens of the subjects of the events. */
  readonly prefix: string;
  /** Sends a request on the connection, and sends it again if the connection is lost before the answer. */
  readonly request: SendRequest;
  /** First tokens of the subjects of replies. */
  readonly inboxPrefix: string;
}

/** Bounds and size of a stream. */
export interface StreamExtent extends LogBounds {
  /** Size of the messages, in bytes. */
  readonly bytes: number;
}

/**
 * Emits the bounds and the size of the stream, as its leader reports them. Errors with a `StoreError` if the stream was
 * deleted and created again, because readers then have positions in the deleted stream.
 */
export const readExtent = ({ request, manager, stream, created }: StreamClient): Observable<StreamExtent> =>
  request('the read failed', () => manager.streams.info(stream)).pipe(
    map(({ created: current, state: { messages, first_seq, last_seq, bytes } }) => {
      if (current !== created) {
        throw new StoreError(
          `the read failed: the stream '${stream}' was deleted, and created again at ${current}; reopen the store`,
        );
      }
      return { oldest: messages === 0 ? last_seq + 1 : first_seq, latest: last_seq, bytes };
    }),
  );

/**
 * Emits one message; `undefined` if the stream does not contain the message. Reads from the leader of the stream, because
 * another server may not have received the message yet.
 */
export const readMessage = (
  { request, manager, stream }: StreamClient,
  query: MsgRequest | NextMsgRequest,
): Observable<StoredMsg | undefined> =>
  // The types of the NATS client accept `next_by_subj` only for direct reads, but the server accepts it here, too.
  request('the read failed', () => manager.streams.getMessage(stream, query as MsgRequest)).pipe(
    map((message) => message ?? undefined),
  );
