import { Observable, type Observer, type Subscription } from 'rxjs';

/**
 * Subscribes an observer to a source, and passes the subscription to a function before the source can emit. The subscription
 * can therefore also end a source that emits synchronously. The return value of `subscribe` would be available too late for
 * this.
 */
export const subscribeCancellable = <T>(
  source: Observable<T>,
  observer: Observer<T>,
  onStart: (subscription: Subscription) => void,
): void => {
  new Observable<T>((subscriber) => {
    onStart(subscriber);
    source.subscribe(subscriber);
  }).subscribe(observer);
};
