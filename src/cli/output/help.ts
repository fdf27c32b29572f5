import { Help, type HelpConfiguration } from 'commander';
import { wrap } from './text.ts';

/** Minimum number of columns of a description next to its term. On a narrower terminal, the description is below its term. */
const MIN_DESCRIPTION_WIDTH = 24;

const USAGE = 'Usage: ';
/** Indentation of a description below its term. */
const BELOW = ' '.repeat(6);

const widthOf = (help: Help): number => help.helpWidth ?? 80;

/** Layout of the help, which fits terminals from 40 columns on. */
export const helpLayout: HelpConfiguration = {
  minWidthToWrap: MIN_DESCRIPTION_WIDTH,
  // Only the name of a command is listed, because the help of the command itself describes its arguments.
  subcommandTerm: (command) => command.name(),
  styleUsage(this: Help, usage) {
    return wrap(usage, widthOf(this) - USAGE.length).join(`\n${' '.repeat(USAGE.length)}`);
  },
  formatItem(this: Help, term, termWidth, description, helper) {
    if (widthOf(this) - termWidth - '    '.length >= MIN_DESCRIPTION_WIDTH) {
      return Help.prototype.formatItem.call(this, term, termWidth, description, helper);
    }
    const lines = wrap(description, widthOf(this) - BELOW.length);
    return [`  ${term}`, ...lines.map((line) => BELOW + line)].join('\n');
  },
};
