import type * as t from 'io-ts';
import type { Event } from '../event/event.ts';

/** An io-ts codec for each object type that a store may hold. */
export type Codecs = Readonly<Record<string, t.Mixed>>;

/** The events of a store with these codecs: a union that `objectType` tells apart. */
export type EventOf<C extends Codecs> = {
  [K in keyof C & string]: Event<t.TypeOf<C[K]>, K>;
}[keyof C & string];
