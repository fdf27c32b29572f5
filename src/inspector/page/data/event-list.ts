import type { EventPage, EventRow } from '../../api.ts';

/** Number of events that one request covers. */
export const PAGE_SIZE = 100;

/**
 * Maximum number of rows of a list without a filter. Browsers limit the height of a scrolled element to about 16 million
 * pixels.
 */
const MAX_ROWS = 400_000;

/** Maximum number of rows of a list with a filter, which are all in memory. */
const MAX_FOUND = 100_000;

/** Maximum number of pages in memory. If there are more, the pages that were read longest ago are removed. */
const MAX_PAGES = 120;

/** Maximum number of events that a list receives while it follows the log. If more events arrive, a new list is created. */
const MAX_HEAD = 2000;

/** Range of sequence numbers in a request. */
export interface PageRequest {
  readonly from?: number;
  readonly before?: number;
  readonly limit: number;
}

/** Content of one row: an event, or the reason why the row shows no event. */
export type Row = EventRow | 'loading' | 'missing';

/**
 * Events from the newest to the oldest. Only the pages with visible rows are read.
 *
 * Without a filter, each row is one sequence number, so the reader can scroll to every part of the log immediately. With a
 * filter, the list grows at its end while the reader scrolls, because the number of matching events is not known.
 */
export interface EventList {
  readonly count: number;
  /** Whether the list ends with the oldest matching event. */
  readonly isComplete: boolean;
  /** Whether the list has a filter, so that it grows while the reader scrolls. */
  readonly isFiltered: boolean;
  /** Sequence number that the search for older events has reached; `undefined` without a filter, or after the search. */
  readonly searchedTo: number | undefined;
  /** Error of the last request that failed. */
  readonly error: unknown;
  /** Highest sequence number that was added at the start of the list; `undefined` if no event was added. */
  readonly newest: number | undefined;
  row(index: number): Row;
  /** Requests the events of the rows from `first` to `last`. */
  show(first: number, last: number): void;
  /**
   * Adds events at the start of the list. Skips the events that the list already has. Returns `false` if the list has become
   * too long and must be replaced by a new list.
   */
  prepend(events: readonly EventRow[]): boolean;
  /** Index of an event; `undefined` if it is not in the list. */
  indexOf(seqNum: number): number | undefined;
  /** Repeats the failed request after an error. */
  retry(): void;
  /** Cancels all requests of the list. */
  end(): void;
}

/** Functions that the creator of a list provides. */
interface ListSource {
  /** Reads a page with the filter of the list. */
  load(request: PageRequest, signal: AbortSignal): Promise<EventPage>;
  /** Called after each change of rows, so that the page shows them again. */
  onChange(): void;
}

/** Returns the events after `newest`, the newest first. A stream that was resumed can repeat events. */
const unseen = (events: readonly EventRow[], newest: number): readonly EventRow[] =>
  events.filter(({ seqNum }) => seqNum > newest).reverse();

/** Creates the list of all events from `oldest` to `latest`. */
export function createDenseList(
  { load, onChange }: ListSource,
  { oldest, latest }: { readonly oldest: number; readonly latest: number },
): EventList {
  const controller = new AbortController();
  const pages = new Map<number, readonly EventRow[] | 'loading'>();
  const head: EventRow[] = [];
  const total = Math.max(0, latest - oldest + 1);
  const held = Math.min(total, MAX_ROWS);
  let error: unknown;
  let shown: readonly [number, number] = [0, 0];

  /** Returns the first and the last sequence number of a page. Page 0 contains the newest events, up to `latest`. */
  const rangeOf = (page: number) => ({
    from: Math.max(oldest, latest - (page + 1) * PAGE_SIZE + 1),
    to: latest - page * PAGE_SIZE,
  });
  const read = async (page: number) => {
    pages.set(page, 'loading');
    const { from, to } = rangeOf(page);
    try {
      const { events } = await load({ from, limit: to - from + 1 }, controller.signal);
      pages.delete(page); // so that the page becomes the newest one of the map
      pages.set(page, events);
      error = undefined;
    } catch (failure) {
      if (controller.signal.aborted) return;
      pages.delete(page);
      error = failure;
    }
    for (const other of pages.keys()) {
      if (pages.size <= MAX_PAGES) break;
      if (pages.get(other) !== 'loading') pages.delete(other);
    }
    onChange();
  };
  const list: EventList = {
    get count() {
      return head.length + held;
    },
    get isComplete() {
      return held === total;
    },
    isFiltered: false,
    searchedTo: undefined,
    get error() {
      return error;
    },
    get newest() {
      return head[0]?.seqNum;
    },
    row(index) {
      if (index < head.length) return head[index] ?? 'missing';
      const seqNum = latest - (index - head.length);
      const page = pages.get(Math.floor((latest - seqNum) / PAGE_SIZE));
      if (page === undefined || page === 'loading') return 'loading';
      const first = page[0]?.seqNum ?? 0;
      const event = page[seqNum - first];
      return event?.seqNum === seqNum ? event : (page.find((other) => other.seqNum === seqNum) ?? 'missing');
    },
    show(first, last) {
      shown = [first, last];
      if (error !== undefined || last < head.length) return;
      const pageOf = (index: number) => Math.floor(Math.max(0, index - head.length) / PAGE_SIZE);
      for (let page = pageOf(first); page <= pageOf(Math.min(last, list.count - 1)); page += 1) {
        if (!pages.has(page) && rangeOf(page).to >= oldest) void read(page);
      }
    },
    prepend(events) {
      head.unshift(...unseen(events, head[0]?.seqNum ?? latest));
      return head.length <= MAX_HEAD;
    },
    indexOf(seqNum) {
      if (seqNum > latest) {
        const index = head.findIndex((event) => event.seqNum === seqNum);
        return index < 0 ? undefined : index;
      }
      const index = head.length + latest - seqNum;
      return seqNum >= oldest && index < list.count ? index : undefined;
    },
    retry() {
      error = undefined;
      list.show(...shown);
      onChange();
    },
    end: () => controller.abort(),
  };
  return list;
}

/** Creates the list of the events that match a filter, beginning with the page before `before`. */
export function createFilteredList({ load, onChange }: ListSource, before: number | undefined): EventList {
  const controller = new AbortController();
  /** Events from the newest to the oldest. */
  const events: EventRow[] = [];
  let next: number | null | undefined = before;
  let isLoading = false;
  let error: unknown;
  let wanted = 0;
  let newest: number | undefined;

  const fill = async () => {
    if (isLoading || error !== undefined) return;
    isLoading = true;
    try {
      // A page can be empty although older events match, so the search continues until the visible rows are filled.
      while (next !== null && events.length <= wanted) {
        const page: EventPage = await load(
          { ...(next !== undefined && { before: next }), limit: PAGE_SIZE },
          controller.signal,
        );
        events.push(...page.events.toReversed());
        next = page.previous;
        onChange();
      }
    } catch (failure) {
      if (controller.signal.aborted) return;
      error = failure;
    } finally {
      isLoading = false;
    }
    onChange();
  };
  const list: EventList = {
    get count() {
      return events.length;
    },
    get isComplete() {
      return next === null;
    },
    isFiltered: true,
    get searchedTo() {
      return next ?? undefined;
    },
    get error() {
      return error;
    },
    get newest() {
      return newest;
    },
    row: (index) => events[index] ?? 'missing',
    show(_, last) {
      wanted = Math.min(last + PAGE_SIZE / 2, MAX_FOUND);
      void fill();
    },
    prepend(added) {
      const unseenEvents = unseen(added, newest ?? 0);
      events.unshift(...unseenEvents);
      newest = unseenEvents[0]?.seqNum ?? newest;
      return events.length <= MAX_FOUND;
    },
    indexOf(seqNum) {
      const index = events.findIndex((event) => event.seqNum === seqNum);
      return index < 0 ? undefined : index;
    },
    retry() {
      error = undefined;
      void fill();
      onChange();
    },
    end: () => controller.abort(),
  };
  return list;
}
