/** Applies the rules for wording to a text. */
import { passagesOf } from './passages.mjs';
import { MAX_STOPS, MAX_STOPS_OF_MESSAGE, MAX_WORDS, WORD_RULES } from './rules.mjs';

/** Maximum number of characters of a sentence that a finding quotes. */
const QUOTED = 50;

const ABBREVIATION = /(?:\b(?:e\.g|i\.e|etc|vs|cf|approx)|^\s*\d+)\.$/i;

/** Splits a passage into sentences: `{ text, index }`. */
function sentencesOf(text) {
  const sentences = [];
  let start = 0;
  for (const { index, 0: end } of text.matchAll(/[.!?…]['")\]*_]*\s+(?=['"([*_]*[\p{Lu}\d■])/gu)) {
    if (ABBREVIATION.test(text.slice(start, index + 1))) continue;
    sentences.push({ text: text.slice(start, index + end.length), index: start });
    start = index + end.length;
  }
  return [...sentences, { text: text.slice(start), index: start }].filter(({ text }) => /\S/.test(text));
}

function wordFindings({ kind, text }) {
  return WORD_RULES.filter(({ kinds }) => kinds === undefined || kinds.includes(kind)).flatMap(
    ({ name, pattern, advice }) =>
      [...text.matchAll(pattern)].map(({ 0: found, index }) => ({ rule: name, index, found, advice })),
  );
}

function sentenceFindings({ kind, text }) {
  if (kind === 'heading') return [];
  const maxStops = kind === 'message' ? MAX_STOPS_OF_MESSAGE : MAX_STOPS;
  return sentencesOf(text).flatMap(({ text: sentence, index }) => {
    const findings = [];
    const words = sentence.match(/\S*[\p{L}\p{N}■]\S*/gu)?.length ?? 0;
    const stops = sentence.match(/[;:](?=\s)/g)?.length ?? 0;
    const add = (rule, advice) => findings.push({ rule, index, found: sentence, advice });
    if (words > MAX_WORDS)
      add('long-sentence', `${words} words; write sentences of at most 25 words instead`);
    if (stops > maxStops) {
      add('stops', `${stops} colons and semicolons; write a new sentence after ${maxStops} instead`);
    }
    return findings;
  });
}

/** Returns a text on one line, shortened, as a finding quotes it. */
function quoted(text) {
  const line = text
    .replace(/\n\s*(?:\*|\/\/)\s/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > QUOTED ? `${line.slice(0, QUOTED)}…` : line;
}

/**
 * Returns the findings of a file, in the order of its lines.
 *
 * @param {string} path - Path from the root of the project, with slashes.
 * @param {string} text - Contents of the file.
 * @returns {readonly { path: string, line: number, rule: string, found: string, advice: string }[]}
 */
export function findingsOf(path, text) {
  const lineAt = (offset) => text.slice(0, offset).split('\n').length;
  return passagesOf(path, text)
    .flatMap((passage) =>
      [...wordFindings(passage), ...sentenceFindings(passage)].map(({ rule, index, found, advice }) => {
        const start = passage.offset + index + found.search(/\S|$/);
        // The file has the code that the passage replaces by placeholders.
        const words = quoted(text.slice(start, passage.offset + index + found.length));
        return { path, line: lineAt(start), rule, found: words, advice };
      }),
    )
    .sort((a, b) => a.line - b.line);
}
