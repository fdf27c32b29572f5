// Appends next to a hundred watchers, and a replay, while a manager stores reports ten times as often as by default, compared
// with the same work without reports.
import { createManager } from 'rx-watcher';
import { compare } from './figure.mjs';
import { inFlight } from './in-flight.mjs';
import { fillStore, fresh, openStore } from './logs.mjs';
import { manageAll } from './reading.mjs';
import { request } from './request.mjs';
import { startIdle } from './start-idle.mjs';

const REPORTS = { reportInterval: 1000 };
const NO_REPORTS = { reportInterval: 0 };

export async function reporting({ rounds, size, directory }) {
  const store = openStore(fresh(directory, 'reporting'));
  const logged = size(1_000_000, 10_000);
  const filled = await fillStore(openStore(fresh(directory, 'reporting-filled')), logged);
  const appended = size(400_000, 2000);
  const handler = async () => undefined;

  const appendNextTo = (options) => async () => {
    const manager = startIdle(createManager(store, options), 100);
    await inFlight(64, appended, (n) => store.storeEvent(request(n)));
    await manager.stop();
  };
  const replayWith = (options) => () => manageAll(createManager(filled, options), logged, { handler });
  const against = (name, total, run) =>
    compare({
      name,
      rounds,
      total,
      ours: { run: run(REPORTS) },
      other: 'without reports',
      theirs: { run: run(NO_REPORTS) },
    });

  const figures = [
    await against('append with reports, 64 in flight', appended, appendNextTo),
    await against('managed watcher with reports, async handler', logged, replayWith),
  ];
  await Promise.all([store.close(), filled.close()]);
  return figures;
}
