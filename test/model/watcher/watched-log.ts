import { CheckpointError, type EventIterator, SequenceTrimmedError } from 'rx-watcher';

/** What a model refuses: the kind of error that the real one must have. */
export type Refusal = typeof CheckpointError | typeof SequenceTrimmedError;

/** A log as its watchers see it: keys and times in an array, which is trimmed at the front. */
export class WatchedLog {
  readonly events: { readonly key: string; readonly time: number }[] = [];
  oldest = 1;

  get latest(): number {
    return this.events.length;
  }

  keyOf(seqNum: number): string {
    return this.events[seqNum - 1]?.key ?? '';
  }

  isTrimmed(after: number): boolean {
    return after + 1 < this.oldest;
  }

  /** What is held, after a number. */
  after(seqNum: number): number[] {
    const first = Math.max(seqNum + 1, this.oldest);
    return Array.from({ length: Math.max(0, this.latest - first + 1) }, (_, index) => first + index);
  }

  /** Lets go of what is old, up to a number; tells how much that was. */
  trim(upTo: number, maxTimestamp: number): number {
    const kept = this.after(0).find(
      (seqNum) => seqNum > upTo || (this.events[seqNum - 1]?.time ?? 0) > maxTimestamp,
    );
    const deleted = (kept ?? this.latest + 1) - this.oldest;
    this.oldest += deleted;
    return deleted;
  }

  /** The number after which a seek leads there, or why it does not. */
  seek(target: EventIterator): number | Refusal {
    const after = this.#place(target);
    if (this.isTrimmed(after)) return SequenceTrimmedError;
    return after > this.latest ? CheckpointError : after;
  }

  #place(iterator: EventIterator): number {
    switch (iterator.type) {
      case 'trim_horizon':
        return this.oldest - 1;
      case 'latest':
        return this.latest;
      case 'at_timestamp': {
        const first = this.after(0).find(
          (seqNum) => (this.events[seqNum - 1]?.time ?? 0) >= iterator.timestamp,
        );
        return (first ?? this.latest + 1) - 1;
      }
      case 'at_sequence_number':
        return Math.max(0, iterator.sequenceNumber - 1);
      case 'after_sequence_number':
        return iterator.sequenceNumber;
    }
  }
}
