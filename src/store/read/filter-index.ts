import type { NewRecord } from '../../engine/contract/record.ts';
import { type EventFilter, matches } from '../../event/event-filter.ts';

/** Fields of an event that a filter reads. */
export type FilteredFields = Pick<NewRecord, 'operation' | 'objectType' | 'key'>;

/** Table from key or object type to the readers that wait for it. */
export interface FilterIndex<T> {
  /** Adds a reader under its filter. Returns a function that removes the reader. */
  add(filter: EventFilter, reader: T): () => void;
  /** Returns the readers with a filter that matches at least one of the events. */
  matching(events: readonly FilteredFields[]): ReadonlySet<T>;
}

/** Readers with equal filters. */
interface Group<T> {
  readonly filter: EventFilter;
  readonly readers: Set<T>;
}

const keyTerm = (key: string | undefined): string => `key ${key}`;
const typeTerm = (objectType: string): string => `type ${objectType}`;
const ANY = '';

/** Returns the terms under which a filter is indexed: its keys, or else its object types. */
function termsOf({ keys = [], objectTypes = [] }: EventFilter): readonly string[] {
  if (keys.length > 0) return keys.map(keyTerm);
  return objectTypes.length > 0 ? objectTypes.map(typeTerm) : [ANY];
}

const readsKeys = ({ keys = [], partition }: EventFilter): boolean =>
  keys.length > 0 || partition !== undefined;

/**
 * Creates an empty filter index. A search visits only the filters that name the key or the object type of an event, and the
 * filters without keys and object types. It does not visit filters that name only other keys or types.
 */
export function createFilterIndex<T>(): FilterIndex<T> {
  const groups = new Map<string, Group<T>>();
  const byTerm = new Map<string, Set<Group<T>>>();
  /** Number of filters that read the key of an event. */
  let keyFilters = 0;

  const addGroup = (name: string, filter: EventFilter): Group<T> => {
    const group = { filter, readers: new Set<T>() };
    groups.set(name, group);
    if (readsKeys(filter)) keyFilters++;
    for (const term of termsOf(filter)) byTerm.set(term, (byTerm.get(term) ?? new Set()).add(group));
    return group;
  };
  const removeGroup = (name: string, group: Group<T>): void => {
    groups.delete(name);
    if (readsKeys(group.filter)) keyFilters--;
    for (const term of termsOf(group.filter)) {
      const ofTerm = byTerm.get(term);
      ofTerm?.delete(group);
      if (ofTerm?.size === 0) byTerm.delete(term);
    }
  };
  /**
   * Returns one event for each combination of fields that filters can distinguish. An append often has many events of few
   * types, and the search then needs only one event of each type.
   */
  const distinct = (events: readonly FilteredFields[]): Iterable<FilteredFields> => {
    const byName = new Map<string, FilteredFields>();
    for (const event of events) {
      const key = keyFilters > 0 ? (event.key ?? '') : '';
      // The separator is a lone surrogate, which no field contains. Different fields therefore never have the same text.
      byName.set(`${event.operation}\udc00${event.objectType}\udc00${key}`, event);
    }
    return byName.values();
  };
  return {
    add(filter, reader) {
      const name = JSON.stringify([filter.objectTypes, filter.operations, filter.keys, filter.partition]);
      const group = groups.get(name) ?? addGroup(name, filter);
      group.readers.add(reader);
      return () => {
        if (group.readers.delete(reader) && group.readers.size === 0) removeGroup(name, group);
      };
    },
    matching(events) {
      const found = new Set<T>();
      for (const { operation, objectType, key } of distinct(events)) {
        for (const term of [keyTerm(key), typeTerm(objectType), ANY]) {
          for (const { filter, readers } of byTerm.get(term) ?? []) {
            if (!matches(filter, operation, objectType, key)) continue;
            for (const reader of readers) found.add(reader);
          }
        }
      }
      return found;
    },
  };
}
