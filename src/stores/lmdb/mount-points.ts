import { readFileSync } from 'node:fs';

/** List of the mounts that this process sees; only Linux has it. */
const MOUNTS = '/proc/self/mountinfo';

/** Index of the mount point among the words of a line. */
const POINT = 4;

/** Mount points of a list of mounts, in which characters that separate words are octal numbers. */
export function parseMountPoints(list: string): readonly string[] {
  const decode = (word: string) =>
    word.replace(/\\([0-7]{3})/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 8)));
  return list.split('\n').map((line) => decode(line.split(' ')[POINT] ?? ''));
}

/** Whether something is mounted at a resolved path; `false` on a system that has no list of mounts. */
export function isMountPoint(path: string): boolean {
  let list: string;
  try {
    list = readFileSync(MOUNTS, 'utf8');
  } catch {
    return false;
  }
  return parseMountPoints(list).includes(path);
}
