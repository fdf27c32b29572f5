import { existsSync, openSync, readFileSync, writeSync } from 'node:fs';

const lineOf = (words) => `${words.join(' ')}\n`;

/**
 * Opens a file of lines to append to. The call returns after the operating system has the line, so that it survives a
 * SIGKILL of the process.
 */
export function createJournal(path) {
  const file = openSync(path, 'a');
  return {
    note: (...words) => void writeSync(file, lineOf(words)),
    noteAll: (lines) => void writeSync(file, lines.map(lineOf).join('')),
  };
}

/** Returns the lines of a journal as arrays of words. Ignores a last line that a kill has cut short. */
export function readJournal(path) {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.slice(0, -1).map((line) => line.split(' '));
}
