/** From this length on lmdb-js leaves out the escapes, so that an id may not be read back as it was. */
const LONG = 64;

/** The last of the control characters that mean something in a key. */
const LAST_ESCAPED = '\u0004';

const isLone = (character: string): boolean => /\p{Surrogate}/u.test(character);

function* bytesOf(id: string): Generator<number> {
  if (id.charCodeAt(0) < 28) yield 27;
  for (const character of id) {
    const code = character.charCodeAt(0);
    if (character <= LAST_ESCAPED) yield* [4, code];
    else if (isLone(character))
      yield* [0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)];
    else yield* Buffer.from(character);
  }
}

/** The key of a checkpoint: its watcher's id, in the bytes that lmdb-js would make of it were it short. */
export const checkpointKey = (id: string): string =>
  // lmdb-js takes bytes for any key, though its types say that all keys are of one kind.
  id.length < LONG ? id : (Buffer.from([...bytesOf(id)]) as unknown as string);
