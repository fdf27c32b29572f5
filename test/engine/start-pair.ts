import { span } from '../../src/testing/conformance/support/requests.ts';
import type { ProcessProgram } from '../support/program.ts';
import { type SharedLog, startSharing } from './lease-sharing.ts';
import { toldOf } from './told-of.ts';

/**
 * Starts two programs that share a watcher. Resolves when the first program handles event 5 and the second is on standby.
 *
 * @param ofFirst - Log with the options of the first program.
 */
export async function startPair(
  log: SharedLog,
  ofFirst = log,
): Promise<readonly [first: ProcessProgram, second: ProcessProgram]> {
  const first = startSharing(ofFirst, 'first', 'lines');
  await toldOf(first, 'begin 1');
  const second = startSharing(log, 'second');
  for (const seqNum of span(2, 5)) {
    first.tell('go on');
    await toldOf(first, `begin ${seqNum}`);
  }
  await toldOf(second, 'standby');
  return [first, second];
}
