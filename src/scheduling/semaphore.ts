import { Observable } from 'rxjs';

/**
 * Lets at most so many Observables run at the same time; the others wait in the order of their subscription.
 *
 * @param limit - How many, from 1.
 */
export function createSemaphore(limit: number): <T>(source: Observable<T>) => Observable<T> {
  const waiting = new Set<() => void>();
  /** Goes along with the first. From the beginning, each look would pass over all that a Set has deleted there. */
  let order = waiting.values();
  let running = 0;
  let isAdmitting = false;

  /** A loop, not a recursion: those that are done at once may be many. */
  const admit = () => {
    if (isAdmitting) return;
    isAdmitting = true;
    while (running < limit && waiting.size > 0) {
      const { value: begin } = order.next();
      if (begin === undefined) {
        order = waiting.values();
        continue;
      }
      waiting.delete(begin);
      running++;
      begin();
    }
    isAdmitting = false;
  };
  return <T>(source: Observable<T>) =>
    new Observable<T>((subscriber) => {
      const begin = () => {
        subscriber.add(() => {
          running--;
          admit();
        });
        source.subscribe(subscriber);
      };
      waiting.add(begin);
      subscriber.add(() => waiting.delete(begin));
      admit();
    });
}
