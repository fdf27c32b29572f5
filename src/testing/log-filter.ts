import type { Event, EventFilter } from '../index.ts';

/** Whether a filter lets an event through: a list that is empty lets everything. */
export const matches = ({ objectTypes = [], operations = [] }: EventFilter, event: Event): boolean =>
  (objectTypes.length === 0 || objectTypes.includes(event.objectType)) &&
  (operations.length === 0 || operations.includes(event.operation));
