/** Error of a request: the server has sent a problem, or no answer has arrived. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  /** Description of the problem in one line. */
  readonly title: string;
  /** Explanation; empty if there is none. */
  readonly detail: string;
  /** HTTP status; 0 if the server did not answer. */
  readonly status: number;
  /** Code of the problem, if the server has sent one. */
  readonly code: string | undefined;

  constructor(title: string, detail: string, status = 0, code?: string) {
    super(detail === '' ? title : `${title}: ${detail}`);
    this.title = title;
    this.detail = detail;
    this.status = status;
    this.code = code;
  }
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

async function problemOf(response: Response): Promise<RequestError> {
  const body: unknown = await response.json().catch(() => undefined);
  const problem = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  const title = text(problem.title) ?? `The server answered ${response.status} ${response.statusText}`.trim();
  return new RequestError(title, text(problem.detail) ?? '', response.status, text(problem.code));
}

async function send(path: string, init: RequestInit): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new RequestError(
      'The server cannot be reached',
      'It may have been stopped, or the network is down.',
    );
  }
  if (!response.ok) throw await problemOf(response);
  return response.status === 204 ? undefined : await response.json();
}

/**
 * Requests a document of the JSON interface of the inspector. Rejects with a `RequestError` if the server cannot be reached or
 * answers with an error, and with the error of `fetch` after an abort of `signal`.
 */
export const getJson = async <T>(path: string, signal?: AbortSignal): Promise<T> =>
  (await send(path, { headers: { accept: 'application/json' }, ...(signal && { signal }) })) as T;

/** Sends an action to the inspector. Rejects with a `RequestError` if the action has failed. */
export const postJson = async <T>(path: string, body: unknown): Promise<T> =>
  (await send(path, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })) as T;

/** Returns an address under `api/` with encoded parts. Parameters that are `undefined` or empty are omitted. */
export function apiPath(
  parts: readonly (string | number)[],
  query: Readonly<Record<string, string | number | undefined>> = {},
): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') search.set(name, String(value));
  }
  const suffix = search.toString();
  return `api/${parts.map((part) => encodeURIComponent(part)).join('/')}${suffix && `?${suffix}`}`;
}
