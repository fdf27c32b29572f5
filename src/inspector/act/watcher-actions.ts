import { EventIteratorCodec } from '../../event/event-iterator.ts';
import { options } from '../../validation/options.ts';
import type { Manager } from '../../watcher/managed/manager.ts';
import type { Watcher } from '../../watcher/managed/watcher.ts';
import type { WatcherAction, WatcherActionResult } from '../api.ts';
import { readBody } from '../request/read-body.ts';

/** Codec of the body of an action without arguments. */
export const EmptyBodyCodec = options('{}', {});

const SeekBodyCodec = options('{ "iterator": { "type": "latest" } }', {}, { iterator: EventIteratorCodec });

/** Functions that read the body of an action, and call the watcher. */
const ACTIONS: Readonly<Record<WatcherAction, (watcher: Watcher, request: Request) => Promise<void>>> = {
  async start(watcher, request) {
    await readBody(request, EmptyBodyCodec);
    watcher.start();
  },
  async stop(watcher, request) {
    await readBody(request, EmptyBodyCodec);
    await watcher.stop();
  },
  async pause(watcher, request) {
    await readBody(request, EmptyBodyCodec);
    watcher.pause();
  },
  async resume(watcher, request) {
    await readBody(request, EmptyBodyCodec);
    watcher.resume();
  },
  async seek(watcher, request) {
    const { iterator } = await readBody(request, SeekBodyCodec);
    await watcher.seek(iterator);
  },
};

export const WATCHER_ACTIONS = Object.keys(ACTIONS) as readonly WatcherAction[];

/**
 * Acts on a watcher of the manager.
 *
 * @throws The error of the watcher, if its state does not allow the action.
 */
export async function actOnWatcher(
  manager: Manager,
  id: string,
  action: WatcherAction,
  request: Request,
): Promise<WatcherActionResult> {
  const watcher = manager.lookup(id);
  await ACTIONS[action](watcher, request);
  return { id, state: watcher.stats().state };
}
