import type { EventIterator, WatcherState } from 'rx-watcher';
import { type SeekErrorClass, WatchedLog } from './watched-log.ts';

/** Delay between attempts, in milliseconds. */
export const BACKOFF = 100;

/** Model of a watcher: its state, checkpoint and events in flight. */
export class WatcherModel {
  readonly log = new WatchedLog();
  /** Events that were handled at least once, or that a seek or start position has skipped. */
  readonly accountedFor = new Set<number>();
  readonly inFlight = new Set<number>();
  state: WatcherState = 'idle';
  checkpoint: number | undefined;
  now = 0;

  readonly #concurrency: number;
  #startPosition = 0;
  readonly #handled = new Set<number>();
  readonly #retryAt = new Map<number, number>();
  #pendingSeek: { readonly after: number; readonly starts: boolean } | undefined;
  #maxCheckpoint = 0;

  constructor(concurrency: number) {
    this.#concurrency = concurrency;
  }

  get isLive(): boolean {
    return this.state === 'running' || this.state === 'paused' || this.state === 'stopping';
  }

  get mayPause(): boolean {
    return this.state === 'running' || this.state === 'paused';
  }

  /** Highest number up to which every event is handled. */
  get ackFloor(): number {
    return (this.#pending()[0] ?? this.log.latest + 1) - 1;
  }

  get isCaughtUp(): boolean {
    return this.state === 'running' && this.ackFloor === this.log.latest;
  }

  /** Number of attempts that must be in flight. */
  get due(): number {
    if (this.state !== 'running') return this.inFlight.size;
    const isDue = (seqNum: number) => (this.#retryAt.get(seqNum) ?? 0) <= this.now;
    return Math.min(this.#concurrency, this.#heads().filter(isDue).length);
  }

  #pending(): number[] {
    return this.log.after(this.#startPosition).filter((seqNum) => !this.#handled.has(seqNum));
  }

  #queueOf(seqNum: number): string {
    return this.#concurrency === 1 ? '' : this.log.keyOf(seqNum);
  }

  /** Returns the next event of each key queue. */
  #heads(): number[] {
    const heads = new Map<string, number>();
    for (const seqNum of this.#pending()) {
      if (!heads.has(this.#queueOf(seqNum))) heads.set(this.#queueOf(seqNum), seqNum);
    }
    return [...heads.values()];
  }

  append(keys: readonly string[]): void {
    this.log.events.push(...keys.map((key) => ({ key, time: this.now })));
  }

  start(after = this.checkpoint ?? this.log.oldest - 1): void {
    this.checkpoint = after;
    this.#startPosition = after;
    this.#handled.clear();
    this.#retryAt.clear();
    this.state = this.log.isTrimmed(after) ? 'failed' : 'running';
    for (let seqNum = 1; seqNum <= after; seqNum++) this.accountedFor.add(seqNum);
  }

  /** Returns the reason why an event must not be delivered now; `undefined` if it may be delivered. */
  deliver(seqNum: number, now: number): string | undefined {
    if (this.state !== 'running') return `event ${seqNum} was delivered while it is ${this.state}`;
    if (this.inFlight.has(seqNum)) return `event ${seqNum} was delivered twice concurrently`;
    if (!this.#heads().includes(seqNum)) return `event ${seqNum} was delivered out of order`;
    if ((this.#retryAt.get(seqNum) ?? 0) > now) return `event ${seqNum} was delivered too early`;
    if (this.inFlight.size >= this.#concurrency) return `event ${seqNum} exceeds the concurrency`;
    this.inFlight.add(seqNum);
    return undefined;
  }

  /** Returns the reason why a checkpoint must not be stored now; `undefined` if it may be stored. */
  store(seqNum: number): string | undefined {
    const max = Math.max(this.#maxCheckpoint, this.ackFloor, this.checkpoint ?? 0);
    return seqNum > max ? `checkpoint ${seqNum} is after the last handled event, ${max}` : undefined;
  }

  succeed(seqNum: number): void {
    this.inFlight.delete(seqNum);
    this.#handled.add(seqNum);
    this.accountedFor.add(seqNum);
    this.checkpoint = this.ackFloor;
    this.#maxCheckpoint = this.ackFloor;
  }

  fail(seqNum: number): void {
    this.inFlight.delete(seqNum);
    this.#retryAt.set(seqNum, this.now + BACKOFF);
  }

  stop(): void {
    if (this.isLive) this.state = 'stopping';
    if (this.state === 'idle') this.state = 'stopped';
    if (this.#pendingSeek !== undefined) this.#pendingSeek = { ...this.#pendingSeek, starts: false };
  }

  /** Requests a seek, which `settle` completes. Returns the error class if the target is invalid. */
  seek(target: EventIterator): SeekErrorClass | undefined {
    const after = this.log.seek(target);
    if (typeof after !== 'number') return after;
    if (this.isLive) this.state = 'stopping';
    this.#pendingSeek = { after, starts: true };
    return undefined;
  }

  /** Completes a pending stop and seek when no event is in flight. */
  settle(): void {
    if (this.inFlight.size > 0) return;
    if (this.state === 'stopping') this.state = 'stopped';
    const seek = this.#pendingSeek;
    this.#pendingSeek = undefined;
    if (seek === undefined) return;
    this.#maxCheckpoint = Math.max(this.ackFloor, seek.after);
    this.checkpoint = seek.after;
    if (seek.starts) this.start(seek.after);
  }

  collectGarbage(age: number): { readonly deleted: number; readonly oldestSeqNum: number } {
    const retained = this.isLive ? this.ackFloor : Number.POSITIVE_INFINITY;
    const seekTarget = this.#pendingSeek?.after ?? Number.POSITIVE_INFINITY;
    const maxSeqNum = this.checkpoint === undefined ? 0 : Math.min(retained, seekTarget, this.checkpoint);
    return { deleted: this.log.trim(maxSeqNum, this.now - age), oldestSeqNum: this.log.oldest };
  }

  /** Models the end of the process and the start of a new one. */
  crash(): void {
    this.inFlight.clear();
    this.#pendingSeek = undefined;
    this.state = 'idle';
  }
}
