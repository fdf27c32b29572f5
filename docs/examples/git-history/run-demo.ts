import { firstValueFrom } from 'rxjs';
import type { CommandLine } from './command-line.ts';
import { followHistory } from './follow-history.ts';
import { openRepository } from './git/repository.ts';
import { findStore } from './log/find-store.ts';
import { holdStore } from './log/hold-store.ts';
import { Pace } from './log/pace.ts';
import { planImport } from './log/plan-import.ts';
import { printable } from './printable.ts';
import { showNumber } from './report/show-number.ts';
import { showTables } from './report/show-tables.ts';
import { showTotals } from './report/show-totals.ts';
import { stopRequest } from './stop-request.ts';

/**
 * Runs the demo.
 *
 * @returns The exit code: 0, or 130 if the user stopped it.
 * @throws DemoError on what the user can put right; nothing was written then.
 */
export async function runDemo({ repo, store, fresh, rate }: CommandLine): Promise<number> {
  const print = (text: string) => process.stdout.write(`${text}\n`);
  const repository = await openRepository(repo);
  const place = findStore(store, repository);
  await holdStore(place.name, () =>
    print('another run has the store open; this one goes on when that has ended'),
  );

  const log = await place.open(fresh);
  try {
    const newer = await planImport(log.imports.get('import'), repository);
    const stop$ = stopRequest();
    print(`repository     ${printable(repository.directory)} at ${repository.head.slice(0, 10)}`);
    print(
      `store          ${printable(place.name)}, ${showNumber(await firstValueFrom(log.events.getLatestSeqNum()))} events`,
    );
    if (place.tables !== undefined) print(`tables         ${printable(place.tables)}`);
    const { directory } = repository;
    const followed = await followHistory({ directory, log, newer, pace: new Pace(rate), stop$ });
    const { outcome, latest, imported, followers } = followed;
    if (outcome === 'stopped') {
      print(`stopped behind event ${showNumber(latest)}; the same command goes on from there`);
      return 130;
    }
    const counters = followers.map(({ counter }) => counter);
    print(`\n${showTables(counters, latest)}\n\n${showTotals(imported, latest, followers)}`);
    return 0;
  } finally {
    await log.close();
  }
}
