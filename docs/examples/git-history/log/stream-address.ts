import { DemoError } from '../demo-error.ts';
import { printable } from '../printable.ts';

/** Where a stream is. */
export interface StreamAddress {
  /** The same text for the same host, port and stream. */
  readonly url: string;
  readonly host: string;
  readonly port: string;
  readonly stream: string;
}

const SHAPE = /^nats:\/\/(?<host>\[[\da-f:.]+\]|[\w.-]+):(?<port>\d{1,5})\/(?<stream>[\w-]{1,64})$/i;

/** Whether `--store` names no file: a wrong address must not become a directory of that name. */
export const isAddress = (store: string): boolean => /^(nats:|[a-z][a-z\d+.-]+:\/\/)/i.test(store);

/**
 * Reads the address of a stream.
 *
 * @throws DemoError if it is anything else.
 */
export function parseStreamAddress(text: string): StreamAddress {
  const { host = '', port = '', stream = '' } = SHAPE.exec(text)?.groups ?? {};
  if (stream === '' || Number(port) > 65_535) {
    throw new DemoError(
      `${printable(text.replace(/\/\/[^/]*@/, '//…@'))} is no address of a stream; expected nats://HOST:PORT/STREAM, the stream's name of letters, digits, - and _, at most 64`,
    );
  }
  const server = host.toLowerCase();
  return { url: `nats://${server}:${port}/${stream}`, host: server, port, stream };
}
