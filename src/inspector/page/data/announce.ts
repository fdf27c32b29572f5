import { createStore } from './store.ts';

/** Result of the last action, which is shown for some seconds and read by screen readers. */
export interface Announcement {
  readonly text: string;
  readonly isBad: boolean;
}

/** Announcement that is shown now; `undefined` if none is shown. */
export const announcement = createStore<Announcement | undefined>(undefined);

let timer: ReturnType<typeof setTimeout> | undefined;

/** Time for which an announcement is shown, in milliseconds. */
const SHOWN_TIME = 8000;

/** Shows the result of an action. */
export function announce(text: string, { isBad = false } = {}): void {
  clearTimeout(timer);
  announcement.set({ text, isBad });
  timer = setTimeout(() => announcement.set(undefined), SHOWN_TIME);
}
