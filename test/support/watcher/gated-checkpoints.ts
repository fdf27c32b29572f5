import { nextTurn } from '../next-turn.ts';

interface Write {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Store for `checkpointTo` that records the writes. The test settles the write in flight. */
export class GatedCheckpoints {
  /** Checkpoints of all writes, including the write in flight. */
  readonly writes: number[] = [];
  /** Ids of the watchers of all writes. */
  readonly watcherIds = new Set<string>();
  /** Maximum number of writes that were in flight at the same time. */
  maxInFlight = 0;

  readonly #inFlight: Write[] = [];

  storeCheckpoint(watcherId: string, seqNum: number): Promise<void> {
    this.watcherIds.add(watcherId);
    this.writes.push(seqNum);
    return new Promise((resolve, reject) => {
      this.#inFlight.push({ resolve, reject });
      this.maxInFlight = Math.max(this.maxInFlight, this.#inFlight.length);
    });
  }

  get isBusy(): boolean {
    return this.#inFlight.length > 0;
  }

  /** Resolves the write in flight and waits until its caller has reacted. */
  async finish(): Promise<void> {
    this.#take().resolve();
    await nextTurn();
  }

  /** Rejects the write in flight and waits until its caller has reacted. */
  async fail(error: unknown): Promise<void> {
    this.#take().reject(error);
    await nextTurn();
  }

  #take(): Write {
    const write = this.#inFlight.shift();
    if (write === undefined) throw new Error('no write is in flight');
    return write;
  }
}
