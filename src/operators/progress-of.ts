import { show } from '../validation/show.ts';
import { readEvent } from './read-event.ts';

/** Whatever tells how far its sender has come: an event, an outcome, or an array of them. */
export type Progress = { readonly seqNum: number } | readonly { readonly seqNum: number }[];

const seqNumOf = (value: Progress): number | undefined => {
  const seqNum: unknown = 'seqNum' in value ? value.seqNum : value.at(-1)?.seqNum;
  if (seqNum === undefined || typeof seqNum === 'number') return seqNum;
  throw new TypeError(`seqNum must be a number; received ${show(seqNum)}`);
};

/**
 * Returns how far that is; `undefined` for an empty array.
 *
 * @throws `InvalidOptionsError` if the value has no valid `seqNum`.
 */
export const progressOf = (value: Progress): number | undefined => readEvent('checkpointTo', value, seqNumOf);
