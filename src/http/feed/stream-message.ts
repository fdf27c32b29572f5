import type { Event, Operation } from '../../event/event.ts';

const STATE_OPERATIONS: Readonly<Record<Operation, string>> = {
  CREATE: 'insert',
  UPDATE: 'update',
  DELETE: 'delete',
};

/**
 * Returns an event as a change message of the State Protocol 1.0. An event without a key has its sequence number as key, and
 * is thus a separate entity. The object of a deletion is the old value.
 */
export function stateMessage({
  seqNum,
  objectType,
  key,
  object = null,
  operation,
  timestamp,
}: Event): object {
  return {
    type: objectType,
    key: key ?? String(seqNum),
    ...(operation === 'DELETE' ? { old_value: object } : { value: object }),
    headers: { operation: STATE_OPERATIONS[operation], timestamp },
  };
}
