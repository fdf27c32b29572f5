/** The demo: three watchers follow the history of a git repository. Their results are exact after any interruption. */
import { resolve } from 'node:path';
import { firstValueFrom, fromEvent, map, merge, type Observable, ReplaySubject, take } from 'rxjs';
import {
  type CommandLine,
  DemoError,
  formatNumber,
  messageOf,
  parseCommandLine,
  printable,
} from './command-line.ts';
import { followHistory } from './follow-history.ts';
import { openRepository, type Repository } from './git.ts';
import { planImport } from './import-history.ts';
import { defaultFile, filePlace, type LogPlace } from './open-log.ts';
import { streamPlace } from './open-stream-log.ts';
import { formatTables, formatTotals } from './report.ts';
import { claimStore } from './single-run.ts';
import { isAddress, parseStreamAddress } from './stream-address.ts';

/**
 * Runs the demo.
 *
 * @returns The exit code: 0, or 130 if the user stopped the run.
 * @throws {@link DemoError} if the user can correct the problem. Nothing was written then.
 */
async function run({ repo, store, fresh, rate = Number.POSITIVE_INFINITY }: CommandLine): Promise<number> {
  const repository = await openRepository(repo);
  const place = placeOf(store, repository);
  await claimStore(place.name, () =>
    print('another run uses the store; this run starts when that one has ended'),
  );

  const log = await place.open(fresh);
  try {
    const newer = await planImport(log.imports.get('import'), repository);
    const stop$ = stopRequested();
    const { directory, head } = repository;
    const held = await firstValueFrom(log.events.getLatestSeqNum());
    print(`repository     ${printable(directory)} at ${head.slice(0, 10)}`);
    print(`store          ${printable(place.name)}, ${formatNumber(held)} events`);
    if (place.tables !== undefined) print(`tables         ${printable(place.tables)}`);

    const followed = await followHistory({ directory, log, newer, rate, stop$ });
    if (followed.outcome === 'stopped') {
      print(`stopped after event ${formatNumber(followed.latest)}; run the same command again to continue`);
      return 130;
    }
    print(`\n${formatTables(followed)}\n\n${formatTotals(followed)}`);
    return 0;
  } finally {
    await log.close();
  }
}

const print = (text: string) => process.stdout.write(`${text}\n`);

function placeOf(store: string | undefined, repository: Repository): LogPlace {
  if (store === undefined) return filePlace(defaultFile(repository));
  return isAddress(store) ? streamPlace(parseStreamAddress(store)) : filePlace(resolve(store));
}

/**
 * Emits once, even to late subscribers, when the user wants to stop: Ctrl-C, `kill`, a closed terminal, or a closed pipe on
 * stdout.
 *
 * After the call, these signals do not end the process. The listeners stay, because npm sends a second SIGINT immediately
 * after the SIGINT of the terminal.
 */
function stopRequested(): Observable<'stopped'> {
  const requested$ = new ReplaySubject<'stopped'>(1);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => fromEvent(process, signal));
  merge(...signals, fromEvent(process.stdout, 'error'))
    .pipe(map(() => 'stopped' as const))
    .subscribe(requested$);
  return requested$.pipe(take(1));
}

try {
  const commandLine = parseCommandLine(process.argv.slice(2));
  if (commandLine !== undefined) process.exitCode = await run(commandLine);
} catch (error) {
  const code = error instanceof DemoError ? 2 : 1;
  // Exit explicitly: if no NATS server answers, the client leaves a socket open.
  process.stderr.write(`error: ${messageOf(error)}\n`, () => process.exit(code));
}
