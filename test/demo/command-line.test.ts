import { expect, test } from 'vitest';
import { parseCommandLine } from '../../docs/examples/git-history/command-line.ts';
import { DemoError } from '../../docs/examples/git-history/demo-error.ts';

test('has a default for everything', () => {
  expect(parseCommandLine([])).toEqual({ repo: '.', fresh: false });
});

test('reads every option', () => {
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
])('refuses %j in one line that names the help', (args) => {
  expect(() => parseCommandLine(args)).toThrow(DemoError);
  expect(() => parseCommandLine(args)).toThrow(/^[^\n]+; see npm run demo -- --help$/);
});
