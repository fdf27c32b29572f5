import { useNow } from '../data/clock.ts';
import { formatAgo, formatMoment, formatTimeOfDay } from '../format/format.ts';

interface TimeProps {
  /** ISO date. */
  readonly at: string;
}

/** Time since a moment, for example `12 s ago`. The title of the element contains the moment in full. */
export function Ago({ at }: TimeProps) {
  const now = useNow();
  const date = new Date(at);
  return (
    <time dateTime={at} title={formatMoment(date)}>
      {formatAgo(date.getTime(), now)}
    </time>
  );
}

/** Date and time of day in the time zone of the browser, and the time since then. The title also contains the time in UTC. */
export const Moment = ({ at }: TimeProps) => (
  <>
    <time dateTime={at} title={formatMoment(new Date(at))}>
      {formatMoment(new Date(at)).replace(/ \(.*/, '')}
    </time>{' '}
    <span class="quiet">
      (<Ago at={at} />)
    </span>
  </>
);

/** Time of day of an event. The title of the element contains the moment in full. */
export const TimeOfDay = ({ at }: TimeProps) => (
  <time dateTime={at} title={formatMoment(new Date(at))}>
    {formatTimeOfDay(new Date(at))}
  </time>
);
