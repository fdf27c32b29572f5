import { span } from '../../src/testing/conformance/support/requests.ts';
import { type SharedLog, startSharing } from './lease-sharing.ts';
import type { ProcessProgram } from './program.ts';
import { toldOf } from './told-of.ts';

/**
 * Starts two who share a watcher: the first is in the midst of event 5, the second stands by.
 *
 * @param ofFirst - The log as the first opens it.
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
