import { useState } from 'preact/hooks';
import type { DeadLetterAction, DeadLetterDetail } from '../../api.ts';
import { apiPath, RequestError } from '../data/request.ts';
import { useResource } from '../data/resource.ts';
import { hrefOf, navigate, useTitle } from '../data/route.ts';
import { formatCount } from '../format/format.ts';
import { ErrorChain } from '../parts/errors.tsx';
import { Facts } from '../parts/facts.tsx';
import { Empty, Failure, Skeleton } from '../parts/messages.tsx';
import { Moment } from '../parts/time.tsx';
import { OneDeadLetter } from './dead-letter-actions.tsx';
import { EventContent } from './event-content.tsx';

/** One dead letter: its errors with their causes, and the event. */
export function DeadLetterView({
  watcherId,
  seqNum,
}: {
  readonly watcherId: string;
  readonly seqNum: string;
}) {
  const { data, error, reload } = useResource<DeadLetterDetail>(apiPath(['dead-letters', watcherId, seqNum]));
  const [open, setOpen] = useState<DeadLetterAction>();
  const back = hrefOf(['dead-letters'], { watcher: watcherId });
  useTitle(`Dead letter ${seqNum} of ${watcherId}`);
  if (error instanceof RequestError && error.status === 404) {
    return (
      <Empty title="No such dead letter" icon="search">
        It has been redriven or deleted. <a href={back}>Show the dead letters of {watcherId}</a>
      </Empty>
    );
  }
  return (
    <>
      <p class="path">
        <a href="#/dead-letters">Dead letters</a> <span aria-hidden="true">/</span>{' '}
        <a href={back}>{watcherId}</a> <span aria-hidden="true">/</span>
      </p>
      <div class="view-head">
        <h1>Event {formatCount(Number(seqNum))}</h1>
        <div class="actions">
          {data?.actions.includes('redrive') && (
            <button type="button" onClick={() => setOpen('redrive')}>
              Redrive
            </button>
          )}
          {data?.actions.includes('delete') && (
            <button type="button" onClick={() => setOpen('delete')}>
              Delete
            </button>
          )}
        </div>
      </div>
      {error !== undefined && <Failure error={error} onRetry={reload} />}
      {data === undefined ? (
        error === undefined && <Skeleton rows={8} />
      ) : (
        <>
          <Facts
            of={[
              ['Watcher', <a href={hrefOf(['watchers', watcherId])}>{watcherId}</a>],
              ['Attempts', formatCount(data.attempts)],
              ['First attempt', <Moment at={data.firstTime} />],
              ['Given up', <Moment at={data.lastTime} />],
            ]}
          />
          <div class="columns even">
            <section class="card" aria-labelledby="error">
              <h2 id="error">Error</h2>
              {data.errors.length > 0 ? (
                <ErrorChain errors={data.errors} />
              ) : (
                <p class="quiet">No error was stored.</p>
              )}
            </section>
            <section class="card" aria-labelledby="event">
              <h2 id="event">
                Event <a href={hrefOf(['events', seqNum])}>in the log</a>
              </h2>
              {data.event ? (
                <EventContent event={data.event} />
              ) : (
                <p class="quiet">
                  The event cannot be read, or the log did not hold it when it was given up.
                </p>
              )}
            </section>
          </div>
          {open && (
            <OneDeadLetter
              action={open}
              watcherId={watcherId}
              seqNum={Number(seqNum)}
              onClose={() => setOpen(undefined)}
              onEnd={({ removed }) => (removed > 0 ? navigate(back, { replace: true }) : reload())}
            />
          )}
        </>
      )}
    </>
  );
}
