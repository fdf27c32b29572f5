import type { NewRecord } from '../../engine/contract/record.ts';
import { type EventFilter, matches } from '../../event/event-filter.ts';

/** Fields of an event that a filter reads. */
export type FilteredFields = Pick<NewRecord, 'operation' | 'objectType' | 'key'>;

/** Table from object type to the readers that wait for it. */
export interface FilterIndex<T> {
  /** Adds a reader under its filter. Returns a function that removes the reader. */
  add(filter: EventFilter, reader: T): () => void;
  /** Returns the readers with a filter that matches an event. */
  matching(fields: FilteredFields): readonly T[];
}

/** Readers with equal filters. */
interface Group<T> {
  readonly filter: EventFilter;
  readonly readers: Set<T>;
}

/** Returns the object types of a filter; `undefined` stands for all types. */
const typesOf = ({ objectTypes = [] }: EventFilter): Iterable<string | undefined> =>
  objectTypes.length === 0 ? [undefined] : objectTypes;

/**
 * Creates an empty filter index. A search costs time only for the filters that name the object type of the event, or no
 * object type: readers that wait for other types are not visited.
 */
export function createFilterIndex<T>(): FilterIndex<T> {
  const groups = new Map<string, Group<T>>();
  const byType = new Map<string | undefined, Set<Group<T>>>();

  const addGroup = (key: string, filter: EventFilter): Group<T> => {
    const group = { filter, readers: new Set<T>() };
    groups.set(key, group);
    for (const type of typesOf(filter)) byType.set(type, (byType.get(type) ?? new Set()).add(group));
    return group;
  };
  const removeGroup = (key: string, group: Group<T>): void => {
    groups.delete(key);
    for (const type of typesOf(group.filter)) {
      const ofType = byType.get(type);
      ofType?.delete(group);
      if (ofType?.size === 0) byType.delete(type);
    }
  };
  return {
    add(filter, reader) {
      const key = JSON.stringify([filter.objectTypes, filter.operations, filter.keys, filter.partition]);
      const group = groups.get(key) ?? addGroup(key, filter);
      group.readers.add(reader);
      return () => {
        if (group.readers.delete(reader) && group.readers.size === 0) removeGroup(key, group);
      };
    },
    matching: ({ operation, objectType, key }) =>
      [objectType, undefined]
        .flatMap((type) => [...(byType.get(type) ?? [])])
        .filter(({ filter }) => matches(filter, operation, objectType, key))
        .flatMap(({ readers }) => [...readers]),
  };
}
