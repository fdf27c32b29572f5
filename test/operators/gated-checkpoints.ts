import { nextTurn } from '../scheduling/next-turn.ts';

interface Write {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** What `checkpointTo` writes to: shows the writes, and lets the test say when the one under way ends. */
export class GatedCheckpoints {
  /** Everything that was written, the write under way included. */
  readonly writes: number[] = [];
  /** For whom. */
  readonly owners = new Set<string>();
  /** How many writes were under way at the same time, at most. */
  mostAtOnce = 0;

  readonly #underWay: Write[] = [];

  storeCheckpoint(watcherId: string, seqNum: number): Promise<void> {
    this.owners.add(watcherId);
    this.writes.push(seqNum);
    return new Promise((resolve, reject) => {
      this.#underWay.push({ resolve, reject });
      this.mostAtOnce = Math.max(this.mostAtOnce, this.#underWay.length);
    });
  }

  /** Whether a write is under way. */
  get isUnderWay(): boolean {
    return this.#underWay.length > 0;
  }

  /** Ends the write under way; resolves when whoever made it has done what it does then. */
  async finish(): Promise<void> {
    this.#take().resolve();
    await nextTurn();
  }

  /** Has the write under way fail; resolves when whoever made it has done what it does then. */
  async fail(error: unknown): Promise<void> {
    this.#take().reject(error);
    await nextTurn();
  }

  #take(): Write {
    const write = this.#underWay.shift();
    if (write === undefined) throw new Error('no write is under way');
    return write;
  }
}
