import { besideFixed } from './figure.mjs';

/** Library for Go that is the model for the iterators and options of this library. */
export const ANCESTOR = 'the Go library';

/**
 * Events per second of watchers of the Go library on BoltDB, with any handler, measured once on a machine of the same kind.
 */
const RATE = 120_000;

/** Compares a rate with the rate of the Go library. The ratio depends on the machine, unlike other ratios. */
export const besideAncestor = (figure) => besideFixed(figure, ANCESTOR, RATE);
