/**
 * A handler that talks to two services, made to be tested: it is given the services, and what they return is an
 * Observable, so that a marble diagram can play them.
 *
 * An event may be delivered again, so the payment bears the event's number: the bank takes no money twice for one key.
 */
import type { Event, EventHandler } from 'rx-watcher';
import { concatMap, type Observable, retry } from 'rxjs';

export type OrderPlaced = Event<{ readonly customer: string; readonly total: number }, 'Order'>;

export interface Services {
  /** Takes the money, once for each key, and emits the number of the payment. */
  charge(key: string, total: number): Observable<string>;
  sendReceipt(customer: string, payment: string): Observable<unknown>;
}

export const settleOrder =
  ({ charge, sendReceipt }: Services): EventHandler<OrderPlaced> =>
  ({ seqNum, object: { customer, total } }) =>
    charge(`order-event-${seqNum}`, total).pipe(
      // A receipt that fails is sent once more by itself: there is no need to go back to the bank for it.
      concatMap((payment) => sendReceipt(customer, payment).pipe(retry(1))),
    );
