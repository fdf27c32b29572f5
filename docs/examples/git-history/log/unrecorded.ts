import { DemoError } from '../demo-error.ts';
import { printable } from '../printable.ts';
import { showNumber } from '../report/show-number.ts';

/**
 * Tells that a stream of this demo holds events that the tables do not know: they are of another directory or machine.
 *
 * @param known - The number of the last event that they know; 0 if there is none.
 */
export function unrecorded(url: string, tables: string, known: number): DemoError {
  const events = known === 0 ? 'the events' : `the events behind number ${showNumber(known)}`;
  return new DemoError(
    `${printable(tables)} has no import record of ${events} in ${url}; run the demo where they were stored, or start over with --fresh`,
  );
}
