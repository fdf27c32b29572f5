import { useEffect } from 'preact/hooks';
import { type EventQuery, eventQueryOf, matchesAll } from '../data/event-query.ts';
import { live } from '../data/live.ts';
import { hrefOf, navigate, useTitle } from '../data/route.ts';
import { useStore } from '../data/store.ts';
import { type Events, useEvents } from '../data/use-events.ts';
import { formatCount, formatNoun } from '../format/format.ts';
import { Empty, Failure, Skeleton } from '../parts/messages.tsx';
import { EventFilters } from './event-filters.tsx';
import { EventGrid } from './event-grid.tsx';
import { EventPanel } from './event-panel.tsx';

/**
 * Text above the list: the first and last sequence number or, with a filter, the number of events found. A blank until the
 * list is loaded.
 */
function countText({ list, oldest, latest }: Events, isAll: boolean): string {
  if (list === undefined) return '\u00a0';
  const newest = list.newest ?? latest;
  if (isAll) return newest < oldest ? 'no events' : `${formatCount(oldest)} – ${formatCount(newest)}`;
  return `${formatNoun(list.count, 'event')} found${list.isComplete ? '' : ' so far'}`;
}

/** Button that shows events which were appended after the list was read. */
function Newer({ events, isAll }: { readonly events: Events; readonly isAll: boolean }) {
  const { overview } = useStore(live);
  const { list, latest, following, reload } = events;
  const count = (overview?.latestSeqNum ?? 0) - (list?.newest ?? latest);
  if (list === undefined || following !== 'off' || count <= 0) return null;
  return (
    <button type="button" class="small newer" onClick={reload}>
      {isAll ? `Show ${formatNoun(count, 'newer event')}` : 'Search newer events'}
    </button>
  );
}

/** Button that starts and ends the stream of new events, and the state of the stream. */
function Follow({ events, href }: { readonly events: Events; readonly href: string }) {
  const { following } = events;
  const words = { off: 'Follow', connecting: 'Following…', on: 'Following', lost: 'Reconnecting…' };
  return (
    <button
      type="button"
      class={`follow follow-${following}`}
      aria-pressed={following !== 'off'}
      onClick={() => {
        // A new list reads the events that were appended since the last read, so that the stream does not add them one by
        // one.
        if (following === 'off') events.reload();
        navigate(href, { replace: true });
      }}
    >
      <span class="follow-dot" aria-hidden="true" />
      {words[following]}
    </button>
  );
}

/** Returns a valid sequence number, or `undefined`. */
function seqNumOf(text: string | undefined): number | undefined {
  const seqNum = Number(text);
  return Number.isSafeInteger(seqNum) && seqNum > 0 ? seqNum : undefined;
}

/** Events of the log: filters, list, and one event in full. The filters and the event are part of the address. */
export function EventsView({
  selected,
  query,
}: {
  readonly selected: string | undefined;
  readonly query: URLSearchParams;
}) {
  const filter = eventQueryOf(query);
  const isAll = matchesAll(filter);
  const isFollowing = query.get('follow') === '1';
  const events = useEvents(filter, isFollowing);
  const { list, oldest, latest, error, added, reload } = events;
  const seqNum = seqNumOf(selected);
  useTitle(seqNum === undefined ? 'Events' : `Event ${seqNum}`);

  const parameters = { ...filter, follow: isFollowing ? '1' : '' };
  const path = seqNum === undefined ? ['events'] : ['events', seqNum];
  const hrefOfEvent = (number: number) => hrefOf(['events', number], parameters);
  const change = (changed: Partial<EventQuery>) => navigate(hrefOf(path, { ...parameters, ...changed }));
  const closeHref = hrefOf(['events'], parameters);

  useEffect(() => {
    if (seqNum === undefined) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.defaultPrevented) navigate(closeHref);
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [seqNum, closeHref]);

  const index = seqNum === undefined ? undefined : list?.indexOf(seqNum);
  // Requests the neighbours of the event even while the list is hidden on a narrow screen.
  useEffect(() => {
    if (index !== undefined) list?.show(Math.max(0, index - 1), index + 1);
  }, [list, index]);
  const hrefAt = (position: number) => {
    const row = list && position >= 0 && position < list.count ? list.row(position) : undefined;
    return typeof row === 'object' ? hrefOfEvent(row.seqNum) : undefined;
  };
  return (
    <div class={seqNum === undefined ? 'events' : 'events events-open'}>
      <div class="events-head">
        <div class="view-head">
          <h1>Events</h1>
          <span class="quiet figure events-count">{countText(events, isAll)}</span>
          <Follow events={events} href={hrefOf(path, { ...parameters, follow: isFollowing ? '' : '1' })} />
        </div>
        <EventFilters query={filter} onChange={change} onGoTo={(number) => navigate(hrefOfEvent(number))} />
      </div>
      <div class="events-list">
        <Newer events={events} isAll={isAll} />
        {error !== undefined ? (
          <Failure error={error} onRetry={reload} />
        ) : list === undefined ? (
          <Skeleton rows={16} />
        ) : list.count === 0 && list.isComplete && list.error === undefined ? (
          <Empty title={isAll ? 'The log is empty' : 'No event matches'} icon={isAll ? 'empty' : 'search'}>
            {isAll ? (
              'Events appear here when a process appends them.'
            ) : (
              <a href="#/events">Show all events</a>
            )}
          </Empty>
        ) : (
          <EventGrid
            list={list}
            added={added}
            selected={seqNum}
            hrefOfEvent={hrefOfEvent}
            onSelect={(number) => navigate(hrefOfEvent(number), { replace: seqNum !== undefined })}
          />
        )}
      </div>
      {seqNum !== undefined && (
        <EventPanel
          seqNum={seqNum}
          oldest={oldest}
          latest={Math.max(latest, list?.newest ?? 0)}
          closeHref={closeHref}
          newerHref={index === undefined ? undefined : hrefAt(index - 1)}
          olderHref={index === undefined ? undefined : hrefAt(index + 1)}
        />
      )}
    </div>
  );
}
