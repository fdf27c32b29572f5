import { recordEvents } from '../record-events.mjs';

/** Minimum age of recorded events, in milliseconds. */
const AGE = 500;

/** Maximum time between two readings, in milliseconds. */
const INTERVAL = 1000;

/** Records events before they are trimmed. Continues where an earlier process ended. */
export async function audit(toolbox) {
  const { recorded, isOver, openStore, pause } = toolbox;
  let through = Number(recorded.findLast(([kind]) => kind === 'stored' || kind === 'trimmed')?.[1] ?? 0);
  while (!isOver()) {
    const opened = openStore();
    if (opened !== undefined) {
      through = await recordEvents(toolbox, opened.store, through, Date.now() - AGE);
      await opened.close();
    }
    await pause(INTERVAL);
  }
}
