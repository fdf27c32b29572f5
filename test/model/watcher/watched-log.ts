import { CheckpointError, type EventIterator, SequenceTrimmedError } from 'rx-watcher';

/** Class of the error with which a watcher must reject a seek. */
export type SeekErrorClass = typeof CheckpointError | typeof SequenceTrimmedError;

/** Model of an event log: an array of keys and times that is trimmed at the start. */
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

  /** Returns the retained sequence numbers after `seqNum`. */
  after(seqNum: number): number[] {
    const first = Math.max(seqNum + 1, this.oldest);
    return Array.from({ length: Math.max(0, this.latest - first + 1) }, (_, index) => first + index);
  }

  /** Trims old events up to a sequence number, and returns the number of deleted events. */
  trim(maxSeqNum: number, maxTimestamp: number): number {
    const firstRetained = this.after(0).find(
      (seqNum) => seqNum > maxSeqNum || (this.events[seqNum - 1]?.time ?? 0) > maxTimestamp,
    );
    const deleted = (firstRetained ?? this.latest + 1) - this.oldest;
    this.oldest += deleted;
    return deleted;
  }

  /** Returns the sequence number before the target, or the class of the error that rejects the seek. */
  seek(target: EventIterator): number | SeekErrorClass {
    const after = this.#positionOf(target);
    if (this.isTrimmed(after)) return SequenceTrimmedError;
    return after > this.latest ? CheckpointError : after;
  }

  #positionOf(iterator: EventIterator): number {
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
