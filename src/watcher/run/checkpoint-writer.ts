import {
  concat,
  defer,
  dematerialize,
  EMPTY,
  from,
  materialize,
  Observable,
  type ObservableInput,
  type ObservableNotification,
} from 'rxjs';
import { createSemaphore } from '../../scheduling/semaphore.ts';

/**
 * The only writer of a watcher's checkpoint: of the library's own progress, of dead letters, of `checkpoint` and of seeks.
 * Writes take place one at a time, so that an older checkpoint never replaces a newer one.
 */
export class CheckpointWriter {
  /** Checkpoint whose write was started last; the write may have failed, or failed and taken place. */
  asked = 0;
  /** Checkpoint as it is known: found at the start of a run, or stored since. */
  stored: number | undefined;

  readonly #limited = createSemaphore(1);

  /** Takes over the checkpoint that a run has found. */
  found(checkpoint: number | undefined): void {
    this.stored = checkpoint;
    this.asked = checkpoint ?? 0;
  }

  /** Whether a write of `seqNum` moves the checkpoint forward. */
  isForward(seqNum: number): boolean {
    return seqNum >= this.asked && seqNum !== this.stored;
  }

  /** Subscribes to what `work` returns when the writes before it have ended; emits it when the next write may begin. */
  inTurn<T>(work: () => Observable<T>): Observable<T> {
    return new Observable((subscriber) => {
      const results: ObservableNotification<T>[] = [];
      const turn = this.#limited(defer(work))
        .pipe(materialize())
        .subscribe((result) => results.push(result));
      subscriber.add(turn);
      // Not before the turn is over: what a result leads to may wait for a turn of its own.
      turn.add(() => from(results).pipe(dematerialize()).subscribe(subscriber));
    });
  }

  /** Runs a write that moves the checkpoint to `seqNum`, and emits what it emits. For use inside `inTurn`. */
  moving<T>(seqNum: number, write: () => ObservableInput<T>): Observable<T> {
    const started = defer(() => {
      this.asked = seqNum;
      return write();
    });
    const done = defer(() => {
      this.stored = seqNum;
      return EMPTY;
    });
    return concat(started, done);
  }
}
