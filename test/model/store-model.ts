import type { GarbageCollectionResult } from 'rx-watcher';
import { LogModel } from '../../src/testing/log-model.ts';

/** What garbage collection is to keep, and how much of the rest one run lets go of. */
export interface Keeping {
  readonly gcAgeThreshold: number;
  readonly gcMaxRecordsPerRun: number;
  readonly maxEvents: number;
}

/** What a store is to its users: a log that lets go of what is old, beside a table of the application's own. */
export class StoreModel extends LogModel {
  /** What the application has put beside its events. */
  readonly own = new Map<string, number>();
  private readonly keeping: Keeping;

  constructor(keeping: Keeping) {
    super();
    this.keeping = keeping;
  }

  collectGarbage(now: number): GarbageCollectionResult {
    const { gcAgeThreshold, gcMaxRecordsPerRun, maxEvents } = this.keeping;
    const before = this.oldest;
    const young = this.events.find(({ timestamp }) => timestamp.getTime() > now - gcAgeThreshold);
    const old = (young?.seqNum ?? this.latest + 1) - 1;
    const unneeded =
      gcAgeThreshold === 0 || this.checkpoints.size === 0 ? 0 : Math.min(old, ...this.checkpoints.values());
    const beyondCap = this.latest - maxEvents;
    this.trim(Math.min(Math.max(unneeded, beyondCap), before - 1 + gcMaxRecordsPerRun));
    return { deleted: this.oldest - before, oldestSeqNum: this.oldest };
  }
}
