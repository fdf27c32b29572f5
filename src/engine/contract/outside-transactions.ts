import { InvalidRequestError } from '../../errors.ts';

/**
 * Asserts that a write of an engine is not called inside a work function, because the write would not be a part of the
 * transaction.
 *
 * @param isInWork - Whether a work function is running.
 * @throws {@link InvalidRequestError} if a work function is running.
 */
export function assertOutsideTransaction(isInWork: boolean): void {
  if (!isInWork) return;
  const message = 'must not call write methods of the store; use the functions that it receives';
  throw new InvalidRequestError([{ path: 'work', message }]);
}
