import { Observable } from 'rxjs';

/**
 * Creates a function that limits the number of concurrent subscriptions. Further subscriptions wait in order.
 *
 * @param limit - Maximum number of concurrent subscriptions, from 1.
 */
export function createSemaphore(limit: number): <T>(source: Observable<T>) => Observable<T> {
  const waiting = new Set<() => void>();
  /** Iterator at the first waiting entry. A new iterator would step over all entries that the Set has deleted. */
  let order = waiting.values();
  let running = 0;
  let isAdmitting = false;

  /**
   * Starts waiting sources in a loop. Recursion could overflow the stack, because many sources may complete synchronously.
   */
  const admit = () => {
    if (isAdmitting) return;
    isAdmitting = true;
    while (running < limit && waiting.size > 0) {
      const { value: start } = order.next();
      if (start === undefined) {
        order = waiting.values();
        continue;
      }
      waiting.delete(start);
      running++;
      start();
    }
    isAdmitting = false;
  };
  return <T>(source: Observable<T>) =>
    new Observable<T>((subscriber) => {
      const start = () => {
        subscriber.add(() => {
          running--;
          admit();
        });
        source.subscribe(subscriber);
      };
      waiting.add(start);
      subscriber.add(() => waiting.delete(start));
      admit();
    });
}
