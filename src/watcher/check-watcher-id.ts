import * as t from 'io-ts';
import { InvalidOptionsError } from '../errors.ts';
import { check } from '../validation/check.ts';
import { watcherName } from '../validation/parts.ts';

const Id = t.type({ id: watcherName });

/**
 * Refuses an id that no store could keep a checkpoint under.
 *
 * @throws InvalidOptionsError
 */
export function checkWatcherId(id: unknown): void {
  check(Id, { id }, (faults) => new InvalidOptionsError('watcher id', faults));
}
