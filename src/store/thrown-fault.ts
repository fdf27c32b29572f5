import type { Fault } from '../errors.ts';

/** What a serializer threw, as a fault of the whole object. */
export const thrownFault = (cause: unknown): Fault => ({
  path: 'object',
  message: cause instanceof Error ? cause.message : String(cause),
});
