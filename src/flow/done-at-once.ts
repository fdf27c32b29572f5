import { observable, of } from 'rxjs';

/**
 * A Promise that has resolved, and says so at once to whoever takes it for an Observable, as `from` does: virtual time
 * cannot wait for a Promise.
 */
export const doneAtOnce = (): Promise<void> =>
  Object.assign(Promise.resolve(), { [observable]: () => of(undefined) });
