/**
 * A handler that calls two services and is easy to test. The services are parameters and return Observables, so a marble
 * diagram can replace them.
 *
 * An event can be delivered again. The key of a payment therefore contains the sequence number of the event, and the bank
 * charges only once per key.
 */
import type { Event, EventHandler } from 'rx-watcher';
import { concatMap, type Observable, retry } from 'rxjs';

export type OrderPlaced = Event<{ readonly customer: string; readonly total: number }, 'Order'>;

export interface Services {
  /** Charges once per key, and emits the id of the payment. */
  charge(key: string, total: number): Observable<string>;
  sendReceipt(customer: string, payment: string): Observable<unknown>;
}

export const settleOrder =
  ({ charge, sendReceipt }: Services): EventHandler<OrderPlaced> =>
  ({ seqNum, object: { customer, total } }) =>
    charge(`order-event-${seqNum}`, total).pipe(
      // Retry the receipt alone: an error of the handler would repeat the charge, too.
      concatMap((payment) => sendReceipt(customer, payment).pipe(retry(1))),
    );
