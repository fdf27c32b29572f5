import type { Event } from '../../event/event.ts';

/**
 * Function that encodes events for one kind of response. Each kind must always use the same function, because a page caches
 * the encoded form with the function as the key.
 */
export type Encode = (events: readonly Event[]) => string;

/** Successive events that several readers of the feed share, with their encoded forms. */
export class FeedPage {
  readonly events: readonly Event[];
  /** Sequence number after which the next page starts. */
  readonly next: number;
  readonly #chunks = new Map<Encode, Uint8Array>();

  constructor(events: readonly Event[], next: number) {
    this.events = events;
    this.next = next;
  }

  /** Returns the encoded events. All responses of one kind send the same bytes. */
  chunk(encode: Encode): Uint8Array {
    const existing = this.#chunks.get(encode);
    if (existing !== undefined) return existing;
    const chunk = Buffer.from(encode(this.events));
    this.#chunks.set(encode, chunk);
    return chunk;
  }

  /** Size of the encoded forms, in bytes. */
  get bytes(): number {
    let sum = 0;
    for (const { length } of this.#chunks.values()) sum += length;
    return sum;
  }

  /**
   * Returns the page with at most `limit` events, up to the sequence number `end`. Returns this page if it is within both
   * limits.
   */
  upTo(limit: number, end: number): FeedPage {
    const last = this.events.at(-1)?.seqNum ?? 0;
    if (this.events.length <= limit && last <= end) return this;
    const events = this.events.filter(({ seqNum }) => seqNum <= end).slice(0, limit);
    return new FeedPage(events, this.next);
  }
}
