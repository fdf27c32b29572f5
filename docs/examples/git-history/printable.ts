/** Controls, line ends and what reverses the direction of writing: none of them may reach the terminal. */
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Makes a text of somebody else's (a path, a commit's subject) safe to print on one line: whoever wrote the commit
 * could otherwise move the reader's cursor, or hide what follows.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) =>
    character === '\n' ? '\\n' : `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}
