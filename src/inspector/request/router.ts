import { RequestError } from './request-error.ts';

/** Part of a path: a fixed segment, the id of a watcher, or a sequence number. */
type Segment = string | typeof ID | typeof SEQ_NUM;

/** Segment that is the id of a watcher, percent-encoded. */
export const ID = Symbol('id');

/** Segment that is a sequence number. */
export const SEQ_NUM = Symbol('sequence number');

/** Values of the variable segments of a path. */
export interface PathValues {
  /** Id of a watcher; `''` if the path has none. */
  readonly id: string;
  /** Sequence number; 0 if the path has none. */
  readonly seqNum: number;
}

/** Resource of the inspector: its method, its path, and the function that answers requests. */
export interface Route {
  /** Method of the resource. A resource with `GET` also has `HEAD`. */
  readonly method: 'GET' | 'POST';
  /** Segments at the end of the path. The segments before them are the path at which the inspector is mounted. */
  readonly path: readonly Segment[];
  readonly respond: (request: Request, values: PathValues) => Response | Promise<Response>;
}

/** Returns a percent-encoded segment as text; `undefined` if the encoding is not valid. */
function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

const seqNumOf = (segment: string): number | undefined => {
  const value = Number(segment);
  return /^[1-9]\d*$/.test(segment) && Number.isSafeInteger(value) ? value : undefined;
};

/** Returns the values of the variable segments; `undefined` if the last segments of the path do not match the route. */
function match(path: readonly Segment[], segments: readonly string[]): PathValues | undefined {
  const last = segments.slice(-path.length);
  if (last.length < path.length) return undefined;
  let id = '';
  let seqNum = 0;
  for (const [index, expected] of path.entries()) {
    const segment = last[index] as string;
    if (expected === ID) {
      const text = decoded(segment);
      if (text === undefined || text === '') return undefined;
      id = text;
    } else if (expected === SEQ_NUM) {
      const number = seqNumOf(segment);
      if (number === undefined) return undefined;
      seqNum = number;
    } else if (segment !== expected) return undefined;
  }
  return { id, seqNum };
}

/**
 * Creates a function that answers requests by the first route with the method and the path of the request.
 *
 * @returns Function that returns `undefined` if no route has the path.
 */
export const createRouter =
  (routes: readonly Route[]) =>
  async (request: Request): Promise<Response | undefined> => {
    const segments = new URL(request.url).pathname.split('/').slice(1);
    const matching = routes
      .map((route) => ({ route, values: match(route.path, segments) }))
      .filter(({ values }) => values !== undefined);
    if (matching.length === 0) return undefined;
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const found = matching.find(({ route }) => route.method === method);
    if (found !== undefined) return found.route.respond(request, found.values as PathValues);
    const allowed = matching.map(({ route }) => (route.method === 'GET' ? 'GET, HEAD' : route.method));
    throw new RequestError(405, 'ERR_METHOD', `The method of this resource must be ${allowed.join(', ')}.`, {
      allow: allowed.join(', '),
    });
  };
