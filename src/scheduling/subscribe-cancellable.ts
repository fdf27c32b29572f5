import { Observable, type Observer, type Subscription } from 'rxjs';

/**
 * Subscribes an observer to a source, and passes the subscription to a function before the source can emit. The subscription
 * can therefore end a source that emits synchronously, which the return value of `subscribe` cannot.
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
