import { join, resolve } from 'node:path';
import { DemoError, printable } from './command-line.ts';

export interface StreamAddress {
  /** Address in its normal form: the same text for the same host, port and stream. */
  readonly url: string;
  /** URL of the server alone. */
  readonly server: string;
  readonly stream: string;
  /** File of the tables, under the current directory. */
  readonly tables: string;
}

const SHAPE = /^nats:\/\/(?<host>\[[\da-f:.]+\]|[\w.-]+):(?<port>\d{1,5})\/(?<stream>[\w-]{1,64})$/i;

/** Returns whether a value of `--store` is not a path. A mistyped address must not become the name of a file. */
export const isAddress = (store: string): boolean => /^(nats:|[a-z][a-z\d+.-]+:\/\/)/i.test(store);

/**
 * Parses the address of a stream.
 *
 * @throws {@link DemoError} if the text is not a valid address. The message contains no password.
 */
export function parseStreamAddress(text: string): StreamAddress {
  const { host = '', port = '', stream = '' } = SHAPE.exec(text)?.groups ?? {};
  if (stream === '' || Number(port) > 65_535) {
    throw new DemoError(
      `--store must be a path or nats://HOST:PORT/STREAM, with a stream name of at most 64 letters, digits, - and _; received ${printable(text.replace(/\/\/[^/]*@/, '//…@'))}`,
    );
  }
  const name = `${stream}@${host.toLowerCase()}-${port}`.replace(/[^\w.@-]/g, '_');
  const server = `nats://${host.toLowerCase()}:${port}`;
  const tables = resolve(join('.rx-watcher-demo', `${name}.lmdb`));
  return { url: `${server}/${stream}`, server, stream, tables };
}
