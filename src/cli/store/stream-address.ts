import { UsageError } from '../usage-error.ts';

/** Parts of the address of a JetStream stream, for example of `nats://user:password@host:4222/orders`. */
export interface StreamAddress {
  /** Address of the server, without credentials. */
  readonly server: string;
  /** User and password, or token, before the `@` of the address; an empty object if there are none. */
  readonly credentials: { readonly user?: string; readonly pass?: string; readonly token?: string };
  readonly stream: string;
}

/** Highest number of a TCP port. */
const MAX_PORT = 65_535;

const SHAPE =
  /^(?<scheme>nats|tls):\/\/(?:(?<user>[^:@/]+)(?::(?<pass>[^@/]*))?@)?(?<server>(?:\[[\da-f:.]+\]|[\w.-]+)(?::(?<port>\d{1,5}))?)\/(?<stream>[\w-]{1,64})$/i;

/**
 * Returns whether a store is given as an address and not as a path. Every text with a scheme counts as an address, so that a
 * mistyped address does not become the name of a file.
 */
export const isAddress = (store: string): boolean => /^(nats:|tls:|[a-z][a-z\d+.-]+:\/\/)/i.test(store);

/** Returns a path or an address of a store as it may be shown: without user, password and token. */
export const withoutCredentials = (location: string): string => location.replace(/\/\/[^/]*@/, '//');

/**
 * Parses the address of a stream.
 *
 * @throws {@link UsageError} if the text is not an address of a stream. The message contains no password.
 */
export function parseStreamAddress(text: string): StreamAddress {
  const groups = SHAPE.exec(text)?.groups;
  if (groups === undefined || Number(groups.port ?? 0) > MAX_PORT) {
    const shown = text.replace(/\/\/[^/]*@/, '//…@');
    throw new UsageError(
      `a store must be a path or nats://host:port/stream, with a stream name of at most 64 letters, digits, - and _; received ${shown}`,
    );
  }
  const { scheme = '', user, pass, server = '', stream = '' } = groups;
  const decoded = (part: string) => decodeURIComponent(part);
  return {
    server: `${scheme.toLowerCase()}://${server}`,
    credentials: {
      ...(user !== undefined && pass === undefined && { token: decoded(user) }),
      ...(user !== undefined && pass !== undefined && { user: decoded(user), pass: decoded(pass) }),
    },
    stream,
  };
}
