import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const textOf = (path: string) => readFileSync(join(root, path), 'utf8');
const pages = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', ...pagesOf('docs')];
const decisions = pagesOf('docs/decisions').filter((path) => /\d{4}-/.test(path));

function pagesOf(folder: string): readonly string[] {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  return names
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.md') && !path.startsWith('docs/api/'))
    .sort();
}

/** Returns the parts of a text that a pattern captures. */
const captured = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map(([, part = '']) => part);

/** Returns the anchors that GitHub gives to the headings of a page. */
const anchorsOf = (text: string): readonly string[] =>
  captured(text, /^#+ (.*)$/gm).map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

/** Returns the links of a page to files or headings that do not exist. */
function brokenLinksOf(page: string): readonly string[] {
  return captured(textOf(page), /\]\(([^)\s]+)\)/g)
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? page : join(dirname(page), path);
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !anchorsOf(textOf(target)).includes(anchor);
    });
}

describe('each page of the documentation', () => {
  it.each(pages)('the documentation page %s has no broken links', (page) => {
    expect(brokenLinksOf(page)).toEqual([]);
  });

  it.each(['docs/architecture.md', ...decisions])(
    'the documentation page %s names only files that exist',
    (page) => {
      const paths = captured(textOf(page), /`((?:src|test|docs)\/[^`*<]*)`/g);
      expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    },
  );

  it.each(decisions)('the decision %s has the headings Context, Decision and Consequences', (page) => {
    expect(captured(textOf(page), /^## (.*)$/gm)).toEqual(['Context', 'Decision', 'Consequences']);
  });
});

describe('the guide errors.md', () => {
  const guide = textOf('docs/guides/errors.md');

  it('the guide errors.md explains each error class with its code', () => {
    const errors = textOf('src/errors.ts');
    const classes = captured(errors, /^export class (\w+)/gm);
    const codes = captured(errors, /readonly code = '(\w+)'/g);
    expect(codes).toHaveLength(classes.length);
    const rows = classes.map((name, index) => `| \`${name}\` | \`${codes[index]}\` |`);
    expect(rows.filter((row) => !guide.includes(row))).toEqual([]);
  });

  it('the guide errors.md explains the code of each warning', () => {
    const codes = new Set(captured(textOf('src/store/reporting/logger.ts'), /'(RX_WATCHER_\w+)'/g));
    expect(codes.size).toBeGreaterThan(0);
    expect([...codes].filter((code) => !guide.includes(`| \`${code}\` |`))).toEqual([]);
  });

  it('the guide errors.md names only error codes and warning codes that exist in the source', () => {
    const source = textOf('src/errors.ts') + textOf('src/store/reporting/logger.ts');
    const named = captured(guide, /`((?:ERR|RX_WATCHER)_\w+)`/g);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((code) => !source.includes(`'${code}'`))).toEqual([]);
  });
});
