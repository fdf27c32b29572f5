const NUL = 0;

/**
 * Cuts a stream of bytes into the texts that a NUL ends each, wherever the chunks were cut.
 *
 * @throws An Error when bytes are left that no NUL ends.
 */
export async function* nulFields(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  let unfinished: Uint8Array[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NUL); end >= 0; end = chunk.indexOf(NUL, start)) {
      yield decode(Buffer.concat([...unfinished, chunk.subarray(start, end)]));
      unfinished = [];
      start = end + 1;
    }
    if (start < chunk.length) unfinished.push(chunk.subarray(start));
  }
  if (unfinished.length > 0) throw new Error('the output of git breaks off in the middle of a field');
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Git keeps paths and names as bytes. Those that are no UTF-8 are read as Latin-1, so that two never become one. */
function decode(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}
