/** Maximum size of the body of a request, in bytes. */
const MAX_BODY_BYTES = 64 * 1024;

/** Error of a request with a body of more than `MAX_BODY_BYTES`. The response has status 413. */
export class BodyTooLargeError extends Error {
  constructor() {
    super(`The body of the request must have at most ${MAX_BODY_BYTES} bytes.`);
  }
}

/**
 * Reads the body of a request.
 *
 * @throws {@link BodyTooLargeError} if the body has more than 64 KiB.
 */
export async function readBody(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const read: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new BodyTooLargeError();
    read.push(chunk);
  }
  return Uint8Array.from(Buffer.concat(read));
}

/**
 * Reads the body of a request, and returns a request with the read body. Returns a request without a body unchanged.
 *
 * @throws {@link BodyTooLargeError} if the body has more than 64 KiB.
 */
export async function limitBody(request: Request): Promise<Request> {
  if (request.body === null) return request;
  return new Request(request, { body: await readBody(request.body as AsyncIterable<Uint8Array>) });
}
