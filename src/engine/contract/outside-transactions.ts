import { InvalidRequestError } from '../../errors.ts';

/**
 * Asserts that a write of an engine is not called inside the work of a transaction, because the write would not be a part of
 * that transaction.
 *
 * @param isInWork - Whether the work of a transaction is being called.
 * @throws {@link InvalidRequestError} if it is.
 */
export function assertOutsideTransaction(isInWork: boolean): void {
  if (!isInWork) return;
  const message = 'must not call write methods of the store; use the functions that it receives';
  throw new InvalidRequestError([{ path: 'work', message }]);
}
