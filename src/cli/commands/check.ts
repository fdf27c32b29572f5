import { type Command, Option } from 'commander';
import { lastValueFrom } from 'rxjs';
import { parseDuration } from '../arguments/duration.ts';
import { parseWhole } from '../arguments/number.ts';
import { findingsOf, type Limits, worstOf } from '../check/findings.ts';
import { type CheckResult, FORMATS } from '../check/formats.ts';
import { messageOf } from '../error-message.ts';
import { print } from '../output/print.ts';
import { safeText } from '../output/text.ts';
import { withStore } from '../store/open-store.ts';

/** Exit codes of Nagios plugins, by the worst status of the findings. */
const EXIT_CODES = { pass: 0, warn: 1, fail: 2 } as const;

interface CheckOptions extends Limits {
  readonly format: keyof typeof FORMATS;
}

/** Exit code of Nagios plugins for a check that is not possible. */
const UNKNOWN = 3;

async function read(location: string, limits: Limits): Promise<CheckResult> {
  return withStore(location, 'read', async (store) => {
    const [info, watchers] = await Promise.all([
      lastValueFrom(store.info()),
      lastValueFrom(store.watchers()),
    ]);
    return { info, watchers, findings: findingsOf(info, watchers, limits) };
  });
}

async function check(location: string, { format, ...limits }: CheckOptions): Promise<void> {
  process.exitCode = UNKNOWN;
  try {
    const result = await read(location, limits);
    await print(FORMATS[format](result));
    process.exitCode = EXIT_CODES[worstOf(result.findings)];
  } catch (error) {
    if (format !== 'nagios') throw error;
    // The message is printed on stdout, because Nagios does not show stderr.
    await print(`RX-WATCHER UNKNOWN - ${safeText(messageOf(error))}`);
  }
}

export function addCheck(program: Command): void {
  program
    .command('check')
    .summary('check the watchers of a log, for monitoring')
    .description(
      'Checks the states of the watchers, and figures against limits. The exit codes are those of Nagios plugins. 0: all is well. 1: a figure is above its limit, or a watcher is idle, paused, stopping, stopped or only in standby. 2: a watcher has failed, or its process no longer reports. 3: the check is not possible.',
    )
    .argument('<store>', 'path of the data file, or nats://host:port/stream')
    .option('--max-lag <events>', 'maximum number of events after the checkpoint of a watcher', parseWhole(0))
    .option(
      '--max-lag-time <duration>',
      'maximum age of the oldest of these events, for example 5m',
      parseDuration,
    )
    .option('--max-dead-letters <count>', 'maximum number of dead letters of all watchers', parseWhole(0))
    .addOption(
      new Option('--format <format>', 'format of the result').choices(Object.keys(FORMATS)).default('text'),
    )
    .exitOverride((error) => {
      if (error.exitCode !== 0) process.exitCode = UNKNOWN;
      throw error;
    })
    .action(check);
}
