import { type Observable, type SchedulerLike, Subscription } from 'rxjs';
import { nextTurn } from '../scheduling/event-loop-turn.ts';

/**
 * Creates the body of a response from successive Observables. Each demand of the client subscribes to the next Observable,
 * so a client that does not read causes no work. The cancellation of the body unsubscribes from the current Observable.
 *
 * @param nextChunk - Returns an Observable that emits at most one chunk. An empty chunk is not sent, and the body requests
 *   another chunk in the next turn of the event loop. The body ends if the Observable completes without a chunk.
 * @param onEnd - Called once, after the last chunk, after an error or when the client cancels the body.
 */
export function observableBody(
  nextChunk: () => Observable<Uint8Array>,
  scheduler: SchedulerLike,
  onEnd?: () => void,
): ReadableStream<Uint8Array> {
  const reading = new Subscription(onEnd);

  const read = (controller: ReadableStreamDefaultController<Uint8Array>, settle: () => void): void => {
    let isEnd = true;
    const readInNextTurn = () => {
      const turn = nextTurn(scheduler, () => {
        reading.remove(turn);
        read(controller, settle);
      });
      reading.add(turn);
    };
    reading.add(
      nextChunk().subscribe({
        next: (chunk) => {
          isEnd = false;
          if (chunk.length === 0) readInNextTurn();
          else {
            controller.enqueue(chunk);
            settle();
          }
        },
        error: (error) => {
          reading.unsubscribe();
          controller.error(error);
          settle();
        },
        complete: () => {
          if (!isEnd) return;
          reading.unsubscribe();
          controller.close();
          settle();
        },
      }),
    );
  };
  return new ReadableStream<Uint8Array>(
    {
      pull: (controller) => new Promise<void>((settle) => read(controller, settle)),
      cancel: () => reading.unsubscribe(),
    },
    { highWaterMark: 0 },
  );
}
