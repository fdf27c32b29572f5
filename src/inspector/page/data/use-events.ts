import { useEffect, useMemo, useReducer, useRef, useState } from 'preact/hooks';
import type { EventPage, EventRow } from '../../api.ts';
import { createDenseList, createFilteredList, type EventList } from './event-list.ts';
import { type EventQuery, matchesAll, parametersOf } from './event-query.ts';
import { RECONNECT_DELAY } from './live.ts';
import { apiPath, getJson } from './request.ts';

/** Events that match a filter, and the state of their requests. */
export interface Events {
  /** List; `undefined` until the bounds of the log are known. */
  readonly list: EventList | undefined;
  /** Bounds of the log when the list was created. */
  readonly oldest: number;
  readonly latest: number;
  /** Error because of which the list could not be created. */
  readonly error: unknown;
  /** Number of events that were added at the start of the list since it was created. */
  readonly added: number;
  /** State of the stream of new events. */
  readonly following: 'off' | 'connecting' | 'on' | 'lost';
  /** Replaces the list by a new list with the newest events. */
  reload(): void;
}

/** Status of the problem that the events at the position of a stream were deleted. */
const DELETED = 410;

interface Created {
  readonly list: EventList;
  readonly oldest: number;
  readonly latest: number;
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * Maximum number of received events that wait for the next frame. A hidden page has no frames, so without this limit its
 * memory would grow.
 */
const MAX_PENDING = 500;

/**
 * Adds new events to a list while `isFollowing` is true. Calls `onReplace` if the list becomes too long, or if events between
 * the list and the stream were deleted. In both cases, the stream has ended.
 */
function useFollowing(
  created: Created | undefined,
  isFollowing: boolean,
  onAdded: (count: number) => void,
  onReplace: () => void,
): Events['following'] {
  const [following, setFollowing] = useState<Events['following']>('off');
  const callbacks = useRef({ onAdded, onReplace });
  callbacks.current = { onAdded, onReplace };
  useEffect(() => {
    if (created === undefined || !isFollowing) {
      setFollowing('off');
      return;
    }
    const { list, latest, parameters } = created;
    const { since: _, ...filter } = parameters;
    setFollowing('connecting');
    let source: EventSource;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let pending: EventRow[] = [];
    let frame = 0;
    const replace = () => {
      // Close the stream first. Otherwise, each further event would request the new list again.
      source.close();
      callbacks.current.onReplace();
    };
    const flush = () => {
      cancelAnimationFrame(frame);
      frame = 0;
      const events = pending;
      pending = [];
      if (list.prepend(events)) callbacks.current.onAdded(events.length);
      else replace();
    };
    const connect = () => {
      const from = (list.newest ?? latest) + 1;
      source = new EventSource(apiPath(['events', 'follow'], { ...filter, from }));
      source.addEventListener('open', () => setFollowing('on'));
      source.addEventListener('event', ({ data }) => {
        pending.push(JSON.parse(data));
        if (pending.length >= MAX_PENDING) flush();
        else frame ||= requestAnimationFrame(flush);
      });
      source.addEventListener('problem', ({ data }) => {
        if (JSON.parse(data).status === DELETED) replace();
      });
      source.addEventListener('error', () => {
        setFollowing('lost');
        // The browser connects again itself, except after a response that is not an event stream.
        if (source.readyState === EventSource.CLOSED) timer = setTimeout(connect, RECONNECT_DELAY);
      });
    };
    connect();
    return () => {
      source.close();
      clearTimeout(timer);
      if (pending.length > 0) flush();
    };
  }, [created, isFollowing]);
  return following;
}

/** Reads the events that match a filter, and follows the log if `isFollowing` is true. */
export function useEvents({ type, operation, key, since }: EventQuery, isFollowing: boolean): Events {
  const [created, setCreated] = useState<Created>();
  const [error, setError] = useState<unknown>();
  const [added, setAdded] = useState(0);
  const [version, reload] = useReducer((count: number) => count + 1, 0);
  const [, render] = useReducer((count: number) => count + 1, 0);
  const query = useMemo(() => ({ type, operation, key, since }), [type, operation, key, since]);

  // `version` is a dependency, so that `reload` creates a new list.
  useEffect(() => {
    const controller = new AbortController();
    let list: EventList | undefined;
    const parameters = parametersOf(query);
    const load = (request: object, signal: AbortSignal) =>
      getJson<EventPage>(apiPath(['events'], { ...parameters, ...request }), signal);
    setError(undefined);
    setAdded(0);
    load({ limit: 1 }, controller.signal).then(
      ({ oldest, latest }) => {
        const source = { load, onChange: () => render(undefined) };
        list = matchesAll(query)
          ? createDenseList(source, { oldest, latest })
          : createFilteredList(source, latest + 1);
        setCreated({ list, oldest, latest, parameters });
      },
      (failure: unknown) => {
        if (controller.signal.aborted) return;
        setCreated(undefined);
        setError(failure);
      },
    );
    return () => {
      controller.abort();
      list?.end();
    };
  }, [query, version]);

  const following = useFollowing(
    created,
    isFollowing,
    (count) => setAdded((total) => total + count),
    () => reload(undefined),
  );
  return {
    list: created?.list,
    oldest: created?.oldest ?? 1,
    latest: created?.latest ?? 0,
    error,
    added,
    following,
    reload: () => reload(undefined),
  };
}
