import { RequestError } from './request-error.ts';

/**
 * Returns the host and the port of an origin; `undefined` if the origin is not a URL, for example `null` of a sandboxed
 * page.
 */
const hostOf = (origin: string): string | undefined =>
  URL.canParse(origin) ? new URL(origin).host : undefined;

/**
 * Returns whether the sender of a request is a page of the same origin, or a program that is not a browser. All current
 * browsers send `Sec-Fetch-Site` over HTTPS and to the loopback interface, and `Origin` with every POST. Other programs send
 * neither header.
 */
function isSameOrigin({ url, headers }: Request): boolean {
  const site = headers.get('sec-fetch-site');
  if (site !== null) return site === 'same-origin';
  const origin = headers.get('origin');
  return origin === null || hostOf(origin) === (headers.get('host') ?? new URL(url).host);
}

/**
 * Checks that a request may change something. Without this check, a page of another origin could send an action with the
 * cookies of a user of the inspector.
 *
 * @throws {@link RequestError} if the inspector is read-only, or if the request comes from another origin.
 */
export function assertAllowed(request: Request, readOnly: boolean): void {
  if (!isSameOrigin(request)) {
    throw new RequestError(
      403,
      'ERR_CROSS_ORIGIN',
      'An action must be requested by a page of the same origin; this request comes from another one.',
    );
  }
  if (readOnly) {
    throw new RequestError(
      403,
      'ERR_READ_ONLY',
      'This inspector is read-only. Its host can create it with a manager and readOnly: false.',
    );
  }
}
