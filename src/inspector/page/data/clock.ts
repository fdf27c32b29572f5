import { createStore, useStore } from './store.ts';

/** Time of the server's clock minus the time of the browser's clock, in milliseconds. */
let offset = 0;

/** Returns the time of the server, in milliseconds since 1970. */
export const serverNow = (): number => Date.now() + offset;

/** Sets the time of the server, in milliseconds since 1970, from a snapshot that has just arrived. */
export function setServerTime(time: number): void {
  offset = time - Date.now();
}

const now = createStore(serverNow());
setInterval(() => now.set(serverNow()), 1000);

/** Returns the time of the server, and renders the calling component again each second. */
export const useNow = (): number => useStore(now);

/** Calls a function each second with the time of the server. */
export const onSecond = (call: (now: number) => void): (() => void) => now.subscribe(() => call(now.get()));
