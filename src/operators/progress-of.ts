import { readEvent } from './read-event.ts';

/** Whatever tells how far its sender has come: an event, an outcome, or an array of them. */
export type Progress = { readonly seqNum: number } | readonly { readonly seqNum: number }[];

/** How far that is; `undefined` for an empty array. */
export const progressOf = (value: Progress): number | undefined =>
  readEvent('checkpointTo', value, (given) => ('seqNum' in given ? given.seqNum : given.at(-1)?.seqNum));
