import type { EventDetail } from '../../api.ts';
import { formatBytes } from '../format/format.ts';
import { ErrorChain } from '../parts/errors.tsx';
import { Facts } from '../parts/facts.tsx';
import { JsonView } from '../parts/json-view.tsx';
import { Moment } from '../parts/time.tsx';

/** Fields, metadata and object of one event. */
export function EventContent({ event }: { readonly event: EventDetail }) {
  const { operation, objectType, key, id, timestamp, size, metadata, problem, error, object } = event;
  const entries = Object.entries(metadata ?? {});
  return (
    <div class="event-content">
      <Facts
        of={
          [
            ['Operation', <span class={`operation operation-${operation}`}>{operation}</span>],
            ['Type', <span class="id">{objectType}</span>],
            ['Key', key && <span class="id">{key}</span>],
            ['Id', id && <span class="id">{id}</span>],
            ['Time', <Moment at={timestamp} />],
            ['Size', size !== undefined && formatBytes(size)],
          ].filter(([, value]) => value !== false) as [string, string][]
        }
      />
      {entries.length > 0 && (
        <>
          <h3>Metadata</h3>
          <dl class="metadata">
            {entries.map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
      <h3>Object</h3>
      {problem === 'hidden' && <p class="quiet">The host of the inspector hides this object.</p>}
      {problem === 'undecodable' && <p class="quiet">The object cannot be decoded.</p>}
      {error && <ErrorChain errors={[error]} />}
      {problem === undefined && <JsonView value={object} label="Object of the event" />}
    </div>
  );
}
