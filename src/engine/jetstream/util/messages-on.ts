import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { Observable } from 'rxjs';

/**
 * Emits the messages on a subject. Messages that are published while the connection is lost are missed.
 *
 * @param onRejected - Called with the reason if the server rejects the subscription. After that, no messages are emitted.
 */
export const messagesOn = (
  connection: NatsConnection,
  subject: string,
  onRejected: (error: unknown) => void,
): Observable<Msg> =>
  new Observable((subscriber) => {
    const subscription = connection.subscribe(subject, {
      callback: (error, message) => (error ? onRejected(error) : subscriber.next(message)),
    });
    return () => subscription.unsubscribe();
  });
