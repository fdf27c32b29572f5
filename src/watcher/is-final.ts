import {
  CheckpointError,
  InvalidOptionsError,
  LeaseLostError,
  SequenceTrimmedError,
  StoreClosedError,
} from '../errors.ts';

const FINAL = [CheckpointError, InvalidOptionsError, LeaseLostError, SequenceTrimmedError, StoreClosedError];

/** Whether an error of the store is one that waiting does not mend. */
export const isFinal = (error: unknown): boolean => FINAL.some((kind) => error instanceof kind);
