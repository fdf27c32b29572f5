/**
 * Minimum length of a key, in characters, that lmdb-js does not escape. An unescaped key may be read back as another key, so
 * this module escapes ids of at least this length.
 */
const UNESCAPED_LENGTH = 64;

/** Last control character that has a meaning in a key of lmdb-js. */
const LAST_ESCAPED = '\u0004';

const isLoneSurrogate = (character: string): boolean => /\p{Surrogate}/u.test(character);

function* bytesOf(id: string): Generator<number> {
  if (id.charCodeAt(0) < 28) yield 27;
  for (const character of id) {
    const code = character.charCodeAt(0);
    if (character <= LAST_ESCAPED) yield* [4, code];
    else if (isLoneSurrogate(character))
      yield* [0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)];
    else yield* Buffer.from(character);
  }
}

/** Returns the key of a watcher: its id, in the escaped bytes that lmdb-js uses for short strings. */
export const checkpointKey = (id: string): string =>
  // lmdb-js accepts bytes for any key, although its types require that all keys have one type.
  id.length < UNESCAPED_LENGTH ? id : (Buffer.from([...bytesOf(id)]) as unknown as string);
