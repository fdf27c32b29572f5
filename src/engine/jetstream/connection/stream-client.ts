import type { JetStreamManager, MsgRequest, NextMsgRequest, StoredMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { map, type Observable } from 'rxjs';
import type { LogBounds } from '../../contract/event-log.ts';
import type { ConnectionWatch } from './connection-state.ts';
import type { SendRequest } from './request.ts';

/** A stream, and the way to it. */
export interface StreamClient extends Pick<ConnectionWatch, 'state' | 'state$'> {
  /** The connection. */
  readonly connection: NatsConnection;
  /** What streams and consumers are managed by. */
  readonly manager: JetStreamManager;
  /** The stream's name. */
  readonly stream: string;
  /** What the subjects of its events begin with. */
  readonly prefix: string;
  /** What asks over the connection. */
  readonly request: SendRequest;
  /** What subjects of replies begin with. */
  readonly inboxPrefix: string;
}

/** What a stream holds. */
export interface StreamExtent extends LogBounds {
  /** The room that it takes, in bytes. */
  readonly bytes: number;
}

/** Tells what the stream holds, as its leader knows it. */
export const readExtent = ({ request, manager, stream }: StreamClient): Observable<StreamExtent> =>
  request('the read failed', () => manager.streams.info(stream)).pipe(
    map(({ state: { messages, first_seq, last_seq, bytes } }) => ({
      oldest: messages === 0 ? last_seq + 1 : first_seq,
      latest: last_seq,
      bytes,
    })),
  );

/** Reads one message from the stream's leader: another server may not have it yet. */
export const readMessage = (
  { request, manager, stream }: StreamClient,
  which: MsgRequest | NextMsgRequest,
): Observable<StoredMsg | undefined> =>
  // The client's types know the next of a subject only of direct reads; the server knows it of this one as well.
  request('the read failed', () => manager.streams.getMessage(stream, which as MsgRequest)).pipe(
    map((message) => message ?? undefined),
  );
