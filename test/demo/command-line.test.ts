import { expect, test } from 'vitest';
import { DemoError, parseCommandLine, printable } from '../../docs/examples/git-history/command-line.ts';

test('the command line of the demo applies the defaults of --repo and --fresh', () => {
  expect(parseCommandLine([])).toEqual({ repo: '.', fresh: false });
});

test('the command line of the demo accepts every option', () => {
  const args = ['--repo', 'a b', '--store=c', '--fresh', '--rate', '20'];
  expect(parseCommandLine(args)).toEqual({ repo: 'a b', store: 'c', fresh: true, rate: 20 });
});

test.each([
  [['--nonsense']],
  [['--repo']],
  [['surplus']],
  [['--rate', '0']],
  [['--rate', 'fast']],
  [['--rate', '1.5']],
])('the command line of the demo rejects %j with one line that refers to the help', (args) => {
  expect(() => parseCommandLine(args)).toThrow(DemoError);
  expect(() => parseCommandLine(args)).toThrow(/^[^\n]+; see npm run demo -- --help$/);
});

test('the function printable escapes characters that move the cursor or reverse the direction of text', () => {
  expect(printable('a\nb\x1b[2Jc\u202ed\u2028é 李 👩‍👧')).toBe(
    'a\\nb\\u{1b}[2Jc\\u{202e}d\\u{2028}é 李 👩‍👧',
  );
});
