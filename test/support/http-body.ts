import { expect } from 'vitest';

export interface SentEvent {
  readonly id?: string;
  readonly event?: string;
  readonly data?: string;
  readonly comment?: string;
}

function parseBlock(block: string): SentEvent {
  const fields = block.split('\n').map((line): [string, string] => {
    const colon = line.indexOf(':');
    const name = colon === 0 ? 'comment' : line.slice(0, colon);
    return [name, line.slice(colon + 1).replace(/^ /, '')];
  });
  return Object.fromEntries(fields);
}

/** Reader of the body of a response, part by part. */
export class BodyReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #separator: string;
  #rest = '';
  #isDone = false;

  /** @param separator - Text at the end of each part: `'\n\n'` of server-sent events, `'\n'` of lines. */
  constructor({ body }: Response, separator: string) {
    expect(body).not.toBeNull();
    this.#reader = (body as ReadableStream<Uint8Array>).getReader();
    this.#separator = separator;
  }

  /** Returns the next part; `undefined` after the end of the body. */
  async next(): Promise<string | undefined> {
    for (;;) {
      const end = this.#rest.indexOf(this.#separator);
      if (end !== -1) {
        const part = this.#rest.slice(0, end);
        this.#rest = this.#rest.slice(end + this.#separator.length);
        return part;
      }
      if (this.#isDone) return undefined;
      const { done, value } = await this.#reader.read();
      if (done) this.#isDone = true;
      else this.#rest += Buffer.from(value).toString();
    }
  }

  /** Returns the next `count` parts; `undefined` for each part after the end of the body. */
  async take(count: number): Promise<readonly (string | undefined)[]> {
    const parts: (string | undefined)[] = [];
    while (parts.length < count) parts.push(await this.next());
    return parts;
  }

  /** Returns all further parts. */
  async rest(): Promise<readonly string[]> {
    const parts: string[] = [];
    for (;;) {
      const part = await this.next();
      if (part === undefined) return parts;
      parts.push(part);
    }
  }

  cancel(): Promise<void> {
    return this.#reader.cancel();
  }
}

export class SseReader {
  readonly #body: BodyReader;

  constructor(response: Response) {
    this.#body = new BodyReader(response, '\n\n');
  }

  /** Returns the next server-sent event or comment; `undefined` after the end of the stream. */
  async next(): Promise<SentEvent | undefined> {
    const block = await this.#body.next();
    return block === undefined ? undefined : parseBlock(block);
  }

  /** Returns the next `count` server-sent events and comments. If the stream ends earlier, appends events without fields. */
  async take(count: number): Promise<readonly SentEvent[]> {
    return (await this.#body.take(count)).map((block) => parseBlock(block ?? ''));
  }

  /** Returns all further server-sent events and comments. */
  async rest(): Promise<readonly SentEvent[]> {
    return (await this.#body.rest()).map(parseBlock);
  }

  cancel(): Promise<void> {
    return this.#body.cancel();
  }
}
