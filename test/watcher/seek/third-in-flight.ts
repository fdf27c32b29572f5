import { started } from '../../support/watcher/managed-watcher.ts';

/** Starts a watcher of five events, with two handled and the third in flight. */
export function thirdInFlight() {
  const all = started({ events: 5 });
  all.byHand.finish();
  all.byHand.finish();
  return all;
}
