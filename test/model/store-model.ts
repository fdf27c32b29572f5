import type { GarbageCollectionResult } from 'rx-watcher';
import { LogModel } from '../../src/testing/log-model.ts';

/** Options of garbage collection. */
export interface GcOptions {
  readonly gcAgeThreshold: number;
  readonly gcMaxRecordsPerRun: number;
  readonly maxEvents: number;
}

/** Model of a store with garbage collection and a table of the application. */
export class StoreModel extends LogModel {
  /** Rows of the table of the application. */
  readonly appTable = new Map<string, number>();
  private readonly gcOptions: GcOptions;

  constructor(gcOptions: GcOptions) {
    super();
    this.gcOptions = gcOptions;
  }

  collectGarbage(now: number): GarbageCollectionResult {
    const { gcAgeThreshold, gcMaxRecordsPerRun, maxEvents } = this.gcOptions;
    const before = this.oldest;
    const young = this.events.find(({ timestamp }) => timestamp.getTime() > now - gcAgeThreshold);
    const old = (young?.seqNum ?? this.latest + 1) - 1;
    const unneeded =
      gcAgeThreshold === 0 || this.checkpoints.size === 0 ? 0 : Math.min(old, ...this.checkpoints.values());
    const aboveMaxEvents = this.latest - maxEvents;
    this.trim(Math.min(Math.max(unneeded, aboveMaxEvents), before - 1 + gcMaxRecordsPerRun));
    return { deleted: this.oldest - before, oldestSeqNum: this.oldest };
  }
}
