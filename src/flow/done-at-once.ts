import { observable, of } from 'rxjs';

/**
 * A Promise that has resolved, and says so at once to whoever takes it for an Observable, as `from` does: virtual time
 * cannot wait for a Promise.
 */
export const doneAtOnce = <T>(value: T): Promise<T> =>
  Object.assign(Promise.resolve(value), { [observable]: () => of(value) });
