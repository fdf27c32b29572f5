import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { recordEvents } from '../record-events.mjs';
import { WATCHERS } from '../watchers.mjs';

/** Records the contents of the file. No other process has it open. */
export async function readAll(toolbox) {
  const { journal, openApplication } = toolbox;
  const opened = openApplication();
  if (opened === undefined) return;
  const { store, rows, counter, close } = opened;
  journal.note('final');
  await recordEvents(toolbox, store, 0, Number.POSITIVE_INFINITY);
  journal.note('latest', await firstValueFrom(store.getLatestSeqNum()));
  journal.noteAll([...rows.getRange()].map(({ key, value }) => ['row', key, value]));
  journal.note('count', counter.get('n') ?? 0);
  const checkpoints = await firstValueFrom(store.checkpoints());
  journal.noteAll([...checkpoints].map((checkpoint) => ['checkpoint', ...checkpoint]));
  for (const watcherId of WATCHERS) {
    const letters = await lastValueFrom(store.deadLetters(watcherId).pipe(toArray()));
    journal.noteAll(letters.map(({ seqNum }) => ['letter', watcherId, seqNum]));
  }
  journal.note('end');
  await close();
}
