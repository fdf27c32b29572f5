import type { SeekBody } from '../../api.ts';
import { RequestError } from '../data/request.ts';

type PositionType = SeekBody['iterator']['type'];

/** Position that the user has entered in the dialog, before the check. */
export interface SeekTarget {
  readonly type: PositionType;
  /** Sequence number or local time that the user has typed. */
  readonly value: string;
}

const POSITIONS: readonly (readonly [PositionType, string])[] = [
  ['after_sequence_number', 'After the event with the number'],
  ['at_sequence_number', 'At the event with the number'],
  ['at_timestamp', 'At the first event since a time'],
  ['trim_horizon', 'At the oldest event'],
  ['latest', 'At the end: only new events'],
];

/** Converts the entered position to the position in a request. */
export function toIterator({ type, value }: SeekTarget): SeekBody['iterator'] {
  if (type === 'trim_horizon' || type === 'latest') return { type };
  if (type === 'at_timestamp') {
    const timestamp = new Date(value).getTime();
    if (Number.isNaN(timestamp)) throw new RequestError('The time is missing', 'Enter a date and a time.');
    return { type, timestamp };
  }
  const sequenceNumber = Number(value);
  if (!/^\d+$/.test(value.trim()) || !Number.isSafeInteger(sequenceNumber)) {
    throw new RequestError('The number is not valid', 'Enter a whole number, for example 1200.');
  }
  return { type, sequenceNumber };
}

/** Fields for a position in the log. */
export function SeekFields({
  target,
  onChange,
}: {
  readonly target: SeekTarget;
  readonly onChange: (target: SeekTarget) => void;
}) {
  const { type, value } = target;
  const hasNumber = type === 'after_sequence_number' || type === 'at_sequence_number';
  return (
    <div class="fields">
      <label>
        <span>Position</span>
        <select
          value={type}
          onChange={({ currentTarget }) => onChange({ type: currentTarget.value as PositionType, value: '' })}
        >
          {POSITIONS.map(([name, label]) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {hasNumber && (
        <label>
          <span>Sequence number</span>
          <input
            inputMode="numeric"
            value={value}
            onInput={({ currentTarget }) => onChange({ type, value: currentTarget.value })}
          />
        </label>
      )}
      {type === 'at_timestamp' && (
        <label>
          <span>Time, in your time zone</span>
          <input
            type="datetime-local"
            step="1"
            value={value}
            onInput={({ currentTarget }) => onChange({ type, value: currentTarget.value })}
          />
        </label>
      )}
    </div>
  );
}
