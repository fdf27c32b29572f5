import { serverNow } from './clock.ts';

/** Filter of the events, which is part of the address of the view. A missing parameter is an empty text. */
export interface EventQuery {
  readonly type: string;
  readonly operation: string;
  readonly key: string;
  /** Start of the time range: a name in `SPANS`, or an ISO date. */
  readonly since: string;
}

/** Time spans up to now, in milliseconds. */
export const SPANS: Readonly<Record<string, { readonly label: string; readonly ms: number }>> = {
  '5m': { label: 'last 5 minutes', ms: 5 * 60_000 },
  '1h': { label: 'last hour', ms: 3_600_000 },
  '24h': { label: 'last 24 hours', ms: 86_400_000 },
  '7d': { label: 'last 7 days', ms: 7 * 86_400_000 },
};

/** Reads the filter from the query of an address. */
export const eventQueryOf = (query: URLSearchParams): EventQuery => ({
  type: query.get('type') ?? '',
  operation: query.get('operation') ?? '',
  key: query.get('key') ?? '',
  since: query.get('since') ?? '',
});

/** Returns whether a filter matches all events. */
export const matchesAll = ({ type, operation, key, since }: EventQuery): boolean =>
  type === '' && operation === '' && key === '' && since === '';

/** Returns the parameters of a request for events. If `since` is a name in `SPANS`, it becomes the start of this time span. */
export function parametersOf({ type, operation, key, since }: EventQuery): Readonly<Record<string, string>> {
  const span = SPANS[since];
  return { type, operation, key, since: span ? new Date(serverNow() - span.ms).toISOString() : since };
}
