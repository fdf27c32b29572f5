import type { Manager, Watcher } from 'rx-watcher';
import type { DemoLog } from '../log/demo-log.ts';
import type { FileEvent } from '../log/file-event.ts';
import { ExactlyOnce } from './exactly-once.ts';
import type { View } from './view.ts';

/** A watcher, and what it counts. */
export interface Follower {
  readonly watcher: Watcher<FileEvent>;
  readonly counter: ExactlyOnce;
  /** How long it took to catch up with the log, in milliseconds, once it has. */
  duration?: number;
}

/** Starts a watcher that has each event counted in a view exactly once. */
export function startFollower(log: DemoLog, manager: Manager<FileEvent>, view: View<unknown>): Follower {
  const watcher = manager.create(view.name, { filter: view.filter, checkpoint: 'manual', batchSize: 500 });
  const counter = new ExactlyOnce(log, view);
  watcher.setHandler(counter.handlerFor(watcher));
  watcher.start();
  return { watcher, counter };
}
