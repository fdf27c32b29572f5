import type { EventIterator, WatcherState } from 'rx-watcher';
import { type Refusal, WatchedLog } from './watched-log.ts';

/** How long a failed attempt waits for the next one. */
export const BACKOFF = 100;

/** What a watcher is to its users: a state, a place, and what is in the handler. */
export class WatcherModel {
  readonly log = new WatchedLog();
  /** Whatever was handled at least once, or needs not be: somebody sought past it, or it went before a start. */
  readonly accountedFor = new Set<number>();
  readonly inFlight = new Set<number>();
  state: WatcherState = 'idle';
  checkpoint: number | undefined;
  now = 0;

  readonly #concurrency: number;
  #from = 0;
  readonly #done = new Set<number>();
  readonly #retryAt = new Map<number, number>();
  #sought: { readonly after: number; readonly starts: boolean } | undefined;
  #mayStore = 0;

  constructor(concurrency: number) {
    this.#concurrency = concurrency;
  }

  get isLive(): boolean {
    return this.state === 'running' || this.state === 'paused' || this.state === 'stopping';
  }

  get mayPause(): boolean {
    return this.state === 'running' || this.state === 'paused';
  }

  /** The end of the unbroken run of what is done. */
  get through(): number {
    return (this.#pending()[0] ?? this.log.latest + 1) - 1;
  }

  get isCaughtUp(): boolean {
    return this.state === 'running' && this.through === this.log.latest;
  }

  /** How many attempts must be in flight: as many as may be. */
  get due(): number {
    if (this.state !== 'running') return this.inFlight.size;
    const isDue = (seqNum: number) => (this.#retryAt.get(seqNum) ?? 0) <= this.now;
    return Math.min(this.#concurrency, this.#heads().filter(isDue).length);
  }

  #pending(): number[] {
    return this.log.after(this.#from).filter((seqNum) => !this.#done.has(seqNum));
  }

  #laneOf(seqNum: number): string {
    return this.#concurrency === 1 ? '' : this.log.keyOf(seqNum);
  }

  /** The next event of each lane. */
  #heads(): number[] {
    const heads = new Map<string, number>();
    for (const seqNum of this.#pending()) {
      if (!heads.has(this.#laneOf(seqNum))) heads.set(this.#laneOf(seqNum), seqNum);
    }
    return [...heads.values()];
  }

  append(keys: readonly string[]): void {
    this.log.events.push(...keys.map((key) => ({ key, time: this.now })));
  }

  start(after = this.checkpoint ?? this.log.oldest - 1): void {
    this.checkpoint = after;
    this.#from = after;
    this.#done.clear();
    this.#retryAt.clear();
    this.state = this.log.isTrimmed(after) ? 'failed' : 'running';
    for (let seqNum = 1; seqNum <= after; seqNum++) this.accountedFor.add(seqNum);
  }

  /** Why an event must not be handed over now; nothing, if it may. */
  handOver(seqNum: number, now: number): string | undefined {
    if (this.state !== 'running') return `event ${seqNum} was handed over while it is ${this.state}`;
    if (this.inFlight.has(seqNum)) return `event ${seqNum} was handed over twice at a time`;
    if (!this.#heads().includes(seqNum)) return `event ${seqNum} was handed over out of order`;
    if ((this.#retryAt.get(seqNum) ?? 0) > now) return `event ${seqNum} was handed over too early`;
    if (this.inFlight.size >= this.#concurrency) return `event ${seqNum} was one too many`;
    this.inFlight.add(seqNum);
    return undefined;
  }

  /** Why a checkpoint must not be stored now; nothing, if it may. */
  store(seqNum: number): string | undefined {
    const most = Math.max(this.#mayStore, this.through, this.checkpoint ?? 0);
    return seqNum > most ? `checkpoint ${seqNum} lies beyond what was done, ${most}` : undefined;
  }

  succeed(seqNum: number): void {
    this.inFlight.delete(seqNum);
    this.#done.add(seqNum);
    this.accountedFor.add(seqNum);
    this.checkpoint = this.through;
    this.#mayStore = this.through;
  }

  fail(seqNum: number): void {
    this.inFlight.delete(seqNum);
    this.#retryAt.set(seqNum, this.now + BACKOFF);
  }

  stop(): void {
    if (this.isLive) this.state = 'stopping';
    if (this.state === 'idle') this.state = 'stopped';
    if (this.#sought !== undefined) this.#sought = { ...this.#sought, starts: false };
  }

  /** Goes there once nothing is in flight; why not, if it is no place to go to. */
  seek(target: EventIterator): Refusal | undefined {
    const after = this.log.seek(target);
    if (typeof after !== 'number') return after;
    if (this.isLive) this.state = 'stopping';
    this.#sought = { after, starts: true };
    return undefined;
  }

  /** What a stop and a seek wait for has happened. */
  rest(): void {
    if (this.inFlight.size > 0) return;
    if (this.state === 'stopping') this.state = 'stopped';
    const sought = this.#sought;
    this.#sought = undefined;
    if (sought === undefined) return;
    this.#mayStore = Math.max(this.through, sought.after);
    this.checkpoint = sought.after;
    if (sought.starts) this.start(sought.after);
  }

  collectGarbage(age: number): { readonly deleted: number; readonly oldestSeqNum: number } {
    const held = this.isLive ? this.through : Number.POSITIVE_INFINITY;
    const sought = this.#sought?.after ?? Number.POSITIVE_INFINITY;
    const upTo = this.checkpoint === undefined ? 0 : Math.min(held, sought, this.checkpoint);
    return { deleted: this.log.trim(upTo, this.now - age), oldestSeqNum: this.log.oldest };
  }

  /** Its process is killed, and another one begins. */
  crash(): void {
    this.inFlight.clear();
    this.#sought = undefined;
    this.state = 'idle';
  }
}
