import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { addBackup } from './commands/backup.ts';
import { addCheck } from './commands/check.ts';
import { addCopy } from './commands/copy.ts';
import { addDeadLetters } from './commands/dead-letters.ts';
import { addExport } from './commands/export.ts';
import { addGet } from './commands/get.ts';
import { addImport } from './commands/import.ts';
import { addInfo } from './commands/info.ts';
import { addSeek } from './commands/seek.ts';
import { addServe } from './commands/serve.ts';
import { addTail } from './commands/tail.ts';
import { addWatchers } from './commands/watchers.ts';
import { helpLayout } from './output/help.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

/** Functions that add the commands, in the order of the help. */
const COMMANDS = [
  addInfo,
  addTail,
  addGet,
  addWatchers,
  addDeadLetters,
  addSeek,
  addCheck,
  addExport,
  addImport,
  addBackup,
  addCopy,
  addServe,
];

export function createProgram(): Command {
  const program = new Command('rx-watcher')
    .description('Shows and maintains the event logs of rx-watcher, in LMDB files and on NATS JetStream.')
    .version(version)
    .helpCommand(false)
    // A command inherits the settings that the program has when the command is added, so these calls precede the commands.
    .configureHelp(helpLayout)
    .exitOverride()
    // The caller prints errors, each as one line.
    .configureOutput({ outputError: () => undefined });
  for (const add of COMMANDS) add(program);
  return program;
}
