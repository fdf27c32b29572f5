import type { Fault } from '../errors.ts';
import { textOf } from '../validation/text-of.ts';

/** What a serializer threw, as a fault of the whole object. */
export const thrownFault = (cause: unknown): Fault => ({
  path: 'object',
  message: textOf(cause),
});
