import { besideFixed } from './figure.mjs';

/** Library for Go that the iterators and options of this library come from. */
export const ANCESTOR = 'the Go library';

/** Events per second of its watchers with any handler on BoltDB, measured once on a machine of the same kind. */
const RATE = 120_000;

/** Compares a rate with that of the Go library. The ratio depends on the machine, unlike other ratios. */
export const besideAncestor = (figure) => besideFixed(figure, ANCESTOR, RATE);
