/**
 * Passages: the parts of a file that are written for readers.
 *
 * A passage has the length of its source, so that an offset in it is an offset in the file. Markup becomes spaces.
 * Code, quotations and addresses become placeholders.
 *
 * @typedef {'docstring' | 'tag' | 'throws' | 'comment' | 'message' | 'title' | 'prose' | 'heading'} Kind
 * @typedef {{ kind: Kind, text: string, offset: number }} Passage
 */
import ts from 'typescript';
import { PLACEHOLDER } from './rules.mjs';

const TITLED = new Set(['describe', 'it', 'test']);

const spaces = (text) => text.replace(/[^\n]/g, ' ');
const placeholders = (text) => text.replace(/[^\n]/g, PLACEHOLDER);

/** Replaces code, links, quotations and addresses. */
function withoutQuotes(text) {
  return text
    .replace(/(`+)(?!`)(?:(?!\n\s*\n)[\s\S])*?(?<!`)\1(?!`)/g, placeholders)
    .replace(/\{@link[^}]*\}/g, placeholders)
    .replace(/\{ [^{}\n]* \}/g, placeholders)
    .replace(/\]\([^)\s]*\)/g, spaces)
    .replace(/https?:\/\/\S*[\w/]/g, placeholders)
    .replace(/"[^"\n]*(?:\n[^"\n]+)?"|“[^”]*”/g, placeholders);
}

/** Splits a text at blank lines, and before items of a list, tags, headings and rows of a table. */
function blocksOf(text, offset) {
  const blocks = [];
  let start = 0;
  for (const { index } of text.matchAll(
    /\n(?=[^\S\n]*(?:\n|[-*+•] |\d+[.)] |@\w|#+ |\||>))|(?<=^[^\S\n]*#+ [^\n]*)\n/gm,
  )) {
    blocks.push({ text: text.slice(start, index), offset: offset + start });
    start = index;
  }
  blocks.push({ text: text.slice(start), offset: offset + start });
  return blocks.filter((block) => /\w/.test(block.text));
}

/** Blanks the marker of an item, a heading or a quotation, and the colon after the term that an item defines. */
const withoutMarker = (text) =>
  text
    .replace(/^\s*(?:[-*+•]|\d+[.)]|#+|>) /, spaces)
    .replace(/^(\s*(?:\*\*[^*]+\*\*|■+)(?: \([^)]*\))?):/, '$1 ');

/** Classifies the block of a docstring that begins with a tag, and blanks the tag and the parameter's name. */
function tagged({ text, offset }) {
  const tag = text.match(/^\s*@(\w+)/)?.[1];
  if (tag === 'example') return undefined;
  if (tag === 'throws') {
    const start = text.indexOf('@');
    return { kind: 'throws', text: text.slice(start), offset: offset + start };
  }
  const described = text.replace(/^\s*@\w+(?:\s+\{.*\}(?=\s))?(?:\s+[\w.[\]=]+(?=\s+-))?(?:\s+-)?/, spaces);
  return { kind: 'tag', text: described, offset };
}

function docstring(text, offset) {
  const code = /(@example\b)([\s\S]*?)(?=\n\s*@\w+\s|$)/g;
  const plain = text.replace(code, (_, tag, rest) => tag + spaces(rest)).replace(/```[\s\S]*?```/g, spaces);
  return blocksOf(withoutQuotes(plain), offset).flatMap((block, index) => {
    if (/^\s*@\w/.test(block.text)) return tagged(block) ?? [];
    return {
      kind: index === 0 ? 'docstring' : 'comment',
      text: withoutMarker(block.text),
      offset: block.offset,
    };
  });
}

const comment = (text, offset) =>
  blocksOf(withoutQuotes(text), offset).map((block) => ({
    kind: 'comment',
    text: withoutMarker(block.text),
    offset: block.offset,
  }));

/** Returns the ranges of all comments; line comments on successive lines are one. */
function commentRanges(source) {
  const ranges = new Map();
  const visit = (node) => {
    if (node.kind >= ts.SyntaxKind.FirstJSDocNode && node.kind <= ts.SyntaxKind.LastJSDocNode) return;
    const children = node.getChildren(source);
    if (children.length > 0) return children.forEach(visit);
    const leading = ts.getLeadingCommentRanges(source.text, node.pos) ?? [];
    const trailing = ts.getTrailingCommentRanges(source.text, node.end) ?? [];
    for (const range of [...leading, ...trailing]) ranges.set(range.pos, range);
  };
  visit(source);
  const merged = [];
  for (const { pos, end, kind } of [...ranges.values()].sort((a, b) => a.pos - b.pos)) {
    const last = merged.at(-1);
    const isLine = kind === ts.SyntaxKind.SingleLineCommentTrivia;
    if (isLine && last?.isLine && /^\n[^\S\n]*$/.test(source.text.slice(last.end, pos))) last.end = end;
    else merged.push({ pos, end, isLine });
  }
  return merged;
}

function commentPassages(source) {
  return commentRanges(source).flatMap(({ pos, end, isLine }) => {
    const text = source.text.slice(pos, end);
    if (isLine) return comment(text.replace(/^\s*\/\/+/gm, spaces), pos);
    const inner = text.replace(/^\/\*+|\*\/$/g, spaces).replace(/^\s*\*(?!\*)/gm, spaces);
    return text.startsWith('/**') ? docstring(inner, pos) : comment(inner, pos);
  });
}

/** Returns the name of a function, even of one with properties: `it` for `it.each(rows)('…')`. */
function calledName(node) {
  if (ts.isIdentifier(node)) return node.text;
  if (
    ts.isPropertyAccessExpression(node) ||
    ts.isCallExpression(node) ||
    ts.isTaggedTemplateExpression(node)
  ) {
    return calledName(node.expression ?? node.tag);
  }
  return undefined;
}

const isTitle = (node) =>
  ts.isCallExpression(node.parent) &&
  node.parent.arguments[0] === node &&
  TITLED.has(calledName(node.parent.expression));

/** Blanks the quotation marks and the escapes of a literal. Inserted expressions become placeholders. */
function literalText(node, source) {
  const start = node.getStart(source);
  let text = node.getText(source);
  if (ts.isTemplateExpression(node)) {
    for (const { expression } of node.templateSpans) {
      const from = expression.getFullStart() - start - 2;
      const to = expression.getEnd() - start + 1;
      text = text.slice(0, from) + PLACEHOLDER.repeat(to - from) + text.slice(to);
    }
  }
  return withoutQuotes(` ${text.slice(1, -1)} `.replace(/\\(?:u\{?[\da-f]+\}?|.)/gi, spaces));
}

/** Returns the strings of several words: titles of tests and, if `hasMessages`, all others. */
function literalPassages(source, hasMessages) {
  const passages = [];
  const visit = (node) => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) {
      const kind = isTitle(node) ? 'title' : hasMessages ? 'message' : undefined;
      const text = literalText(node, source);
      if (kind !== undefined && /\w\s+\S/.test(text))
        passages.push({ kind, text, offset: node.getStart(source) });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return passages;
}

function codePassages(path, text) {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
  return [...commentPassages(source), ...literalPassages(source, path.startsWith('src/'))];
}

/** Returns the paragraphs, items, headings and cells of a Markdown text, without fenced code. */
function markdownPassages(text) {
  const plain = text
    .replace(/^([^\S\n]*)(```+|~~~+)[^\n]*\n[\s\S]*?(?:^\s*\2[^\S\n]*$|$(?![\s\S]))/gm, spaces)
    .replace(/<!--[\s\S]*?-->/g, spaces)
    .replace(/^\|?[\s|:-]+\|[\s|:-]*$/gm, spaces);
  return blocksOf(withoutQuotes(plain), 0).flatMap(({ text: block, offset }) => {
    if (/^\s*\|/.test(block)) return cellsOf(block, offset);
    const kind = /^\s*#+ /.test(block) ? 'heading' : 'prose';
    return { kind, text: withoutMarker(block).replace(/[*_]{1,3}/g, spaces), offset };
  });
}

function cellsOf(row, offset) {
  return [...row.matchAll(/[^|\n]+/g)]
    .filter(([cell]) => /\w/.test(cell))
    .map(({ 0: text, index }) => ({ kind: 'prose', text, offset: offset + index }));
}

/**
 * Returns the passages of a file.
 *
 * @param {string} path - Path from the root of the project, with slashes.
 * @param {string} text - Contents of the file.
 * @returns {readonly Passage[]}
 */
export function passagesOf(path, text) {
  return path.endsWith('.md') ? markdownPassages(text) : codePassages(path, text);
}
