import { useEffect, useState } from 'preact/hooks';
import { type EventQuery, matchesAll, SPANS } from '../data/event-query.ts';
import { formatDate, formatTimeOfDay } from '../format/format.ts';

interface FiltersProps {
  readonly query: EventQuery;
  readonly onChange: (change: Partial<EventQuery>) => void;
  /** Called with the sequence number that the user has typed. */
  readonly onGoTo: (seqNum: number) => void;
}

/** Text field that applies its value when the user presses Enter or leaves the field, and not after each key. */
function TextField({
  label,
  value,
  placeholder,
  onApply,
}: {
  readonly label: string;
  readonly value: string;
  readonly placeholder: string;
  readonly onApply: (value: string) => void;
}) {
  const [draft, setDraft] = useState(value);
  useEffect(() => setDraft(value), [value]);
  return (
    <label>
      <span>{label}</span>
      <input
        type="search"
        value={draft}
        placeholder={placeholder}
        onInput={({ currentTarget }) => setDraft(currentTarget.value)}
        onChange={({ currentTarget }) => onApply(currentTarget.value.trim())}
      />
    </label>
  );
}

/** Converts an ISO date to the value of a field for local time. */
const localValue = (iso: string): string => {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? '' : `${formatDate(date)}T${formatTimeOfDay(date).slice(0, 8)}`;
};

export function EventFilters({ query, onChange, onGoTo }: FiltersProps) {
  const { type, operation, key, since } = query;
  const isCustom = since !== '' && SPANS[since] === undefined;
  const [isChoosing, setChoosing] = useState(false);
  const [isUnfolded, setUnfolded] = useState(false);
  const count = Object.values(query).filter((value) => value !== '').length;
  return (
    <form
      class={isUnfolded ? 'filters' : 'filters filters-folded'}
      aria-label="Filter of the events"
      onSubmit={(event) => event.preventDefault()}
    >
      <button
        type="button"
        class="unfold"
        aria-expanded={isUnfolded}
        onClick={() => setUnfolded(!isUnfolded)}
      >
        {count === 0 ? 'Filter' : `Filter (${count})`}
      </button>
      <TextField label="Type" value={type} placeholder="any" onApply={(value) => onChange({ type: value })} />
      <label>
        <span>Operation</span>
        <select
          value={operation}
          onChange={({ currentTarget }) => onChange({ operation: currentTarget.value })}
        >
          <option value="">any</option>
          <option>CREATE</option>
          <option>UPDATE</option>
          <option>DELETE</option>
        </select>
      </label>
      <TextField label="Key" value={key} placeholder="any" onApply={(value) => onChange({ key: value })} />
      <label>
        <span>Time</span>
        <select
          value={isCustom || isChoosing ? 'custom' : since}
          onChange={({ currentTarget: { value } }) => {
            setChoosing(value === 'custom');
            if (value !== 'custom') onChange({ since: value });
          }}
        >
          <option value="">any</option>
          {Object.entries(SPANS).map(([name, { label }]) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
          <option value="custom">since …</option>
        </select>
      </label>
      {(isCustom || isChoosing) && (
        <label>
          <span>Since</span>
          <input
            type="datetime-local"
            step="1"
            value={isCustom ? localValue(since) : ''}
            onChange={({ currentTarget: { value } }) => {
              const date = new Date(value);
              if (!Number.isNaN(date.getTime())) onChange({ since: date.toISOString() });
            }}
          />
        </label>
      )}
      <label>
        <span>Go to</span>
        <input
          class="go-to"
          type="search"
          inputMode="numeric"
          placeholder="number"
          onChange={({ currentTarget }) => {
            const seqNum = Number(currentTarget.value.replaceAll(/[,\s]/g, ''));
            if (!Number.isSafeInteger(seqNum) || seqNum < 1) return;
            currentTarget.value = '';
            onGoTo(seqNum);
          }}
        />
      </label>
      {!matchesAll(query) && (
        <button
          type="button"
          class="clear"
          onClick={() => {
            setChoosing(false);
            onChange({ type: '', operation: '', key: '', since: '' });
          }}
        >
          Clear
        </button>
      )}
    </form>
  );
}
