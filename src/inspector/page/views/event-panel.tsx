import type { EventDetail } from '../../api.ts';
import { apiPath } from '../data/request.ts';
import { useResource } from '../data/resource.ts';
import { formatCount } from '../format/format.ts';
import { Icon } from '../parts/icon.tsx';
import { Empty, Failure, Skeleton } from '../parts/messages.tsx';
import { EventContent } from './event-content.tsx';

interface PanelProps {
  readonly seqNum: number;
  readonly oldest: number;
  readonly latest: number;
  /** Address of the list while no event is shown in full. */
  readonly closeHref: string;
  /** Addresses of the next newer event and the next older event in the list; `undefined` at the ends of the list. */
  readonly newerHref: string | undefined;
  readonly olderHref: string | undefined;
}

const Step = ({
  href,
  label,
  icon,
}: {
  readonly href: string | undefined;
  readonly label: string;
  readonly icon: 'previous' | 'next' | 'close';
}) =>
  href === undefined ? (
    <span class="icon-button" aria-hidden="true">
      <Icon name={icon} />
    </span>
  ) : (
    <a class="icon-button" href={href} aria-label={label} title={label}>
      <Icon name={icon} />
    </a>
  );

/** One event in full, next to the list. */
export function EventPanel({ seqNum, oldest, latest, closeHref, newerHref, olderHref }: PanelProps) {
  const { data, error, reload } = useResource<EventDetail>(apiPath(['events', seqNum]));
  const isTrimmed = seqNum < oldest;
  const isFuture = seqNum > latest;
  return (
    <aside class="panel" aria-label={`Event ${seqNum}`}>
      <div class="panel-head">
        <h2>Event {formatCount(seqNum)}</h2>
        <Step href={newerHref} label="Newer event" icon="previous" />
        <Step href={olderHref} label="Older event" icon="next" />
        <Step href={closeHref} label="Close" icon="close" />
      </div>
      {data ? (
        <EventContent event={data} />
      ) : error === undefined ? (
        <Skeleton rows={7} />
      ) : isTrimmed ? (
        <Empty title="The log no longer holds this event">Its oldest event is {formatCount(oldest)}.</Empty>
      ) : isFuture ? (
        <Empty title="There is no such event yet">
          The last event is {formatCount(latest)}.{' '}
          <button type="button" class="small" onClick={reload}>
            Look again
          </button>
        </Empty>
      ) : (
        <Failure error={error} onRetry={reload} />
      )}
    </aside>
  );
}
