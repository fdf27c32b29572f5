import type { Event, Operation } from '../../event/event.ts';

const STATE_OPERATIONS: Readonly<Record<Operation, string>> = {
  CREATE: 'insert',
  UPDATE: 'update',
  DELETE: 'delete',
};

/**
 * Returns an event as a change message of the State Protocol 1.0. An event without a key is an entity of its own: its key is
 * the sequence number. The object of a deletion is the old value.
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
