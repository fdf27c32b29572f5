import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const script = fileURLToPath(new URL('../../.ci/check-language.mjs', import.meta.url));
const directory = await temporaryDirectory();
const project = directory.file('');
afterAll(() => directory.remove());

/** Sentences that each break one rule, with the words that the finding quotes. */
const BROKEN: readonly (readonly [sentence: string, found: string])[] = [
  ['The reader whose page is empty waits.', 'whose'],
  ['Nobody reads the event.', 'Nobody'],
  ['The process writes his lease.', 'his'],
  ['Deletes the events, and returns what was deleted.', 'what was'],
  ['Waits for the writes under way.', 'under way'],
  ['Returns the number at hand.', 'at hand'],
  ['The watcher hands the event over.', 'hands the event over'],
  ['The store lets go of the engine.', 'lets go of'],
  ['The filter left it out.', 'left it out'],
  ['The filter lets the event through.', 'lets the event through'],
  ['The handler is told the number.', 'told'],
  ['A value that is no number throws.', 'is no number'],
  ['The event is none.', 'is none'],
  ['Moves the checkpoint, be it backwards.', 'be it'],
  ['At least once, as ever.', 'as ever'],
  ['Reads the page once more.', 'once more'],
  ['Reads the page anew.', 'anew'],
  ['Writes all events at one go.', 'at one go'],
  ['Writes all events at once.', 'at once'],
  ['Follows the log for ever.', 'for ever'],
  ['Reads so many events per page.', 'so many'],
  ['Stores the checkpoint beside the event.', 'beside'],
  ['Runs behind the write.', 'behind'],
  ['The function is to be called twice.', 'is to be'],
  ['A value of its own kind.', 'its own kind'],
  ['Deletes the letter.', 'letter'],
  ['Completes when the handler is done.', 'is done'],
  [`Reads ${'one more page '.repeat(10)}to the end.`, 'Reads one more page one more page one more page on…'],
  [
    'Reads a page: the first; then the second; then the end.',
    'Reads a page: the first; then the second; then the…',
  ],
];

/** Words that must not start a docstring. */
const STARTS = ['What', 'Who', 'Whose', 'Where', 'How', 'When', 'Which', 'The same', 'They', 'It'];

const CLEAN: readonly string[] = [
  'Returns `undefined` if there is no checkpoint.',
  'The checkpoint is no longer valid.',
  'Shows what was deleted.',
  'The aim is to avoid a copy.',
  'The watcher may lag behind.',
  'Works behind a proxy.',
  'Deletes dead letters with names of letters, digits and dots.',
  'Follows the rule "nobody reads it for ever".',
  'Calls `tell(who)` after the write.',
  'Applies to the shoulder, the beholder and the hero.',
  'Attempts were made of one call each.',
  `Reads a page. ${'Reads one more page. '.repeat(10)}`,
];

const files: Record<string, string> = {
  'src/clean.ts': `${CLEAN.map((sentence) => `// ${sentence}`).join('\n\n')}
/**
 * Stores an event.
 *
 * @example
 * tell(whoever, 'what is stored');
 * @param event - Event to store.
 * @throws {@link StoreError} if the disk is full.
 * @throws RangeError unless \`size\` is positive.
 */
export const nobody = { told: 'anew' };
export const message = \`cannot read \${whoever(number)}: the file is damaged; restore a backup\`;
`,
  'src/starts.ts': STARTS.map((start) => `/** ${start} reader. */`).join('\n'),
  'src/tags.ts': `/**
 * Reads a page.
 *
 * @param page - Which page.
 * @returns How many events.
 * @throws StoreError, RangeError
 */`,
  'src/messages.ts': `throw new Error('the log is told');
throw new Error(\`event \${number} was left out\`);
throw new Error('expected another name');
`,
  'test/titles.test.ts': `it('tells the number', () => { fail('nobody answers'); });
describe.each(rows)('a store beside another', () => {});
`,
  'docs/guide.md': `# What is guaranteed

Text that is plain, with \`nobody\` in code.

\`\`\`ts
tell(whoever);
\`\`\`

| column | told |
| --- | --- |
| cell | a page anew |

- Nobody reads it.
- **term**: The text: one colon more.
`,
  ...Object.fromEntries(BROKEN.map(([sentence], index) => [`src/broken/${index}.ts`, `\n// ${sentence}\n`])),
};

/** Runs the check in the planted project. */
function check(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    cwd: project,
    encoding: 'utf8',
  });
  return { status, stderr, lines: stdout.trimEnd().split('\n') };
}

/** Returns the findings of a check as `file:line: "words"`. */
const foundIn = (path: string, lines: readonly string[]): readonly string[] =>
  lines.filter((line) => line.startsWith(`${path}:`)).map((line) => line.split(' : ')[0] ?? '');

beforeAll(() => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), text);
  }
});

describe('check-language', () => {
  let all: ReturnType<typeof check>;
  beforeAll(() => {
    all = check();
  });

  it.each(BROKEN.map(([sentence, found], index) => [found, sentence, index] as const))(
    'check-language reports "%s" in "%s"',
    (found, _sentence, index) => {
      const path = `src/broken/${index}.ts`;
      expect(foundIn(path, all.lines)).toEqual([`${path}:2: "${found}"`]);
    },
  );

  it('check-language accepts plain sentences, code, quotations and indirect questions', () => {
    expect(foundIn('src/clean.ts', all.lines)).toEqual([]);
  });

  it('check-language reports docstrings that start with a pronoun or a question word', () => {
    const starts = all.lines.filter((line) => line.includes('as the first words'));
    expect(foundIn('src/starts.ts', starts)).toEqual(
      STARTS.map((start, index) => `src/starts.ts:${index + 1}: "${start}"`),
    );
  });

  it('check-language checks the descriptions of tags, and the condition of @throws', () => {
    expect(foundIn('src/tags.ts', all.lines)).toEqual([
      'src/tags.ts:4: "Which"',
      'src/tags.ts:5: "How"',
      'src/tags.ts:6: "StoreError, RangeError"',
    ]);
  });

  it('check-language checks string and template literals of src', () => {
    expect(foundIn('src/messages.ts', all.lines)).toEqual([
      'src/messages.ts:1: "told"',
      'src/messages.ts:2: "left out"',
      'src/messages.ts:3: "expected another"',
    ]);
  });

  it('check-language checks the titles of tests, and no other text of tests', () => {
    expect(foundIn('test/titles.test.ts', all.lines)).toEqual([
      'test/titles.test.ts:1: "tells"',
      'test/titles.test.ts:2: "beside"',
    ]);
  });

  it('check-language checks paragraphs, items and cells of Markdown, and no code', () => {
    expect(foundIn('docs/guide.md', all.lines).map((line) => line.split(':')[1])).toEqual([
      '1',
      '9',
      '11',
      '13',
    ]);
  });

  it('check-language suggests words that replace a reported word', () => {
    expect(all.lines).toContain(
      'src/messages.ts:1: "told" : write "return", "report", "notify", "emit" or "distinguish" instead',
    );
  });

  it('check-language exits with 1 if there are findings, and with 0 otherwise', () => {
    expect(all.status).toBe(1);
    expect(check('src/clean.ts').status).toBe(0);
  });

  it('check-language checks only the files of the given paths', () => {
    const { lines } = check('test', './docs/');
    expect(new Set(lines.filter((line) => line.includes(' : ')).map((line) => line.split('/')[0]))).toEqual(
      new Set(['test', 'docs']),
    );
  });

  it('check-language exits with 2 if a path has no checked files', () => {
    const { status, stderr } = check('src/clan.ts');
    expect(status).toBe(2);
    expect(stderr).toContain("received 'src/clan.ts'");
  });

  it('check-language counts findings by rule and folder with --count', () => {
    const { lines } = check('--count', 'src/messages.ts', 'test');
    expect(lines).toEqual([
      'by rule',
      '     2  tell',
      '     1  leave-out',
      '     1  expected',
      '     1  beside',
      '',
      'by folder',
      '     3  src',
      '     2  test',
      '',
      '5 findings',
    ]);
  });
});
