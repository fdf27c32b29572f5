import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { Observable } from 'rxjs';

/**
 * The messages on a subject, as long as it is subscribed to; those that come while the connection is lost are missed.
 *
 * @param refused - Hears why there will be none, if the server refuses it.
 */
export const messagesOn = (
  connection: NatsConnection,
  subject: string,
  refused: (error: unknown) => void,
): Observable<Msg> =>
  new Observable((subscriber) => {
    const subscription = connection.subscribe(subject, {
      callback: (error, message) => (error ? refused(error) : subscriber.next(message)),
    });
    return () => subscription.unsubscribe();
  });
