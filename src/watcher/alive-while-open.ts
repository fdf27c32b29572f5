import { NEVER, type Subscription, switchMap, using } from 'rxjs';
import type { Event } from '../event/event.ts';
import type { Valve } from '../flow/valve.ts';
import type { EventStore } from '../store/event-store.ts';

/** Keeps the process alive while a run is not paused, until the returned subscription is unsubscribed. */
export const aliveWhileOpen = <E extends Event>({ isOpen$ }: Valve, store: EventStore<E>): Subscription =>
  isOpen$
    .pipe(
      switchMap((isOpen) =>
        isOpen
          ? using(
              () => store.keepAlive?.(),
              () => NEVER,
            )
          : NEVER,
      ),
    )
    .subscribe();
