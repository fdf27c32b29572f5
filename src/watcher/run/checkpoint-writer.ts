import { defer, dematerialize, from, materialize, Observable, type ObservableNotification, tap } from 'rxjs';
import { Semaphore } from '../../scheduling/semaphore.ts';
import { whenDurable } from '../../store/durable-write.ts';

/**
 * Queue of all writes that move a watcher's checkpoint: automatic checkpoints, dead letters, `checkpoint` and `seek`.
 * Writes take place one at a time, so that an older checkpoint never replaces a newer one.
 */
export class CheckpointWriter {
  /** Checkpoint of the write that was started last. The write may have taken effect even if its Promise was rejected. */
  requested = 0;
  /** Last known checkpoint: read at the start of a run, or stored since. */
  stored: number | undefined;

  readonly #turns = new Semaphore(1);

  /** Sets `stored` and `requested` to the checkpoint that a run has read from the store. */
  load(checkpoint: number | undefined): void {
    this.stored = checkpoint;
    this.requested = checkpoint ?? 0;
  }

  /** Whether a write of `seqNum` moves the checkpoint forward. */
  isForward(seqNum: number): boolean {
    return seqNum >= this.requested && seqNum !== this.stored;
  }

  /** Calls `work` when all earlier writes have ended. Emits the values of `work` only after its turn has ended. */
  enqueue<T>(work: () => Observable<T>): Observable<T> {
    return new Observable((subscriber) => {
      const results: ObservableNotification<T>[] = [];
      const turn = this.#turns
        .limit(defer(work))
        .pipe(materialize())
        .subscribe((result) => results.push(result));
      subscriber.add(turn);
      // Emit only after the turn has ended: a subscriber may enqueue another write and wait for that write.
      turn.add(() => from(results).pipe(dematerialize()).subscribe(subscriber));
    });
  }

  /** Runs a write that moves the checkpoint to `seqNum`, and emits when the write is durable. For use inside `enqueue`. */
  moveTo(seqNum: number, write: () => Promise<void>): Observable<void> {
    const onStored = () => {
      this.stored = seqNum;
    };
    return defer(() => {
      this.requested = seqNum;
      return whenDurable(write()).pipe(tap({ complete: onStored }));
    });
  }
}
