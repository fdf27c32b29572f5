/** Details of an error response. */
export interface Problem {
  /** Short description of the kind of error, for example `'Event log is trimmed'`. */
  readonly title: string;
  /** Explanation of this error, and the way to correct the request. */
  readonly detail: string;
  /** Stable code of the error, for example `'ERR_SEQUENCE_TRIMMED'`. */
  readonly code?: string;
  /** Name of the parameter or header that is not valid. */
  readonly parameter?: string;
  /** Further members of the JSON object. */
  readonly [member: string]: unknown;
}

/**
 * Returns an error response in the format of RFC 9457, `application/problem+json`. No cache stores the response.
 *
 * @param status - Status code of HTTP, from 400 to 599.
 * @param headers - Headers in addition to the content type and the cache headers.
 */
export function problem(
  status: number,
  details: Problem,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const body = JSON.stringify({ status, ...details });
  return new Response(body, {
    status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
      ...headers,
    },
  });
}
