import type { Operation } from '../../event/event.ts';
import { type EventFilter, matches } from '../../event/event-filter.ts';

/** What of an event a filter looks at. */
export interface Kind {
  /** What happened to the object. */
  readonly operation: Operation;
  /** What kind of object it is. */
  readonly objectType: string;
}

/** Who waits for which events. */
export interface FilterIndex<T> {
  /** Somebody waits for what the filter lets through; the function returned ends that. */
  add(filter: EventFilter, who: T): () => void;
  /** Those who wait for events of a kind. */
  in(kind: Kind): readonly T[];
}

/** Those who wait for the same. */
interface Group<T> {
  readonly filter: EventFilter;
  readonly members: Set<T>;
}

/** The types that a filter names; `undefined` stands for all. */
const typesOf = ({ objectTypes = [] }: EventFilter): Iterable<string | undefined> =>
  objectTypes.length === 0 ? [undefined] : objectTypes;

/**
 * Finds whom an event concerns by its type: those who wait for others, however many they are, and however many filters they
 * have, are not looked at.
 */
export function createFilterIndex<T>(): FilterIndex<T> {
  const groups = new Map<string, Group<T>>();
  const byType = new Map<string | undefined, Set<Group<T>>>();

  const begin = (key: string, filter: EventFilter): Group<T> => {
    const group = { filter, members: new Set<T>() };
    groups.set(key, group);
    for (const type of typesOf(filter)) byType.set(type, (byType.get(type) ?? new Set()).add(group));
    return group;
  };
  const end = (key: string, group: Group<T>): void => {
    groups.delete(key);
    for (const type of typesOf(group.filter)) {
      const ofType = byType.get(type);
      ofType?.delete(group);
      if (ofType?.size === 0) byType.delete(type);
    }
  };
  return {
    add(filter, who) {
      const key = JSON.stringify([filter.objectTypes, filter.operations]);
      const group = groups.get(key) ?? begin(key, filter);
      group.members.add(who);
      return () => {
        if (group.members.delete(who) && group.members.size === 0) end(key, group);
      };
    },
    in: ({ operation, objectType }) =>
      [objectType, undefined]
        .flatMap((type) => [...(byType.get(type) ?? [])])
        .filter(({ filter }) => matches(filter, operation, objectType))
        .flatMap(({ members }) => [...members]),
  };
}
