import type { Event, EventStore } from 'rx-watcher';
import { afterSequenceNumber } from 'rx-watcher';
import { type Notes, note } from '../../src/testing/conformance/support/note.ts';
import { VirtualClock } from '../../src/testing/conformance/support/virtual-clock.ts';

/** Store with a clock and a live reader of all events. */
export class RealStore<S extends EventStore = EventStore> {
  readonly time = new VirtualClock();
  store: S;
  /** Events that the live reader received before the last `close`, since the first opening of the store. */
  readonly liveEvents: Event[] = [];
  private liveReader: Notes<Event>;
  private readonly open: (scheduler: VirtualClock) => S;

  constructor(open: (scheduler: VirtualClock) => S) {
    this.open = open;
    this.store = open(this.time);
    this.liveReader = this.readLive();
  }

  private readLive(): Notes<Event> {
    return note(this.store.events(afterSequenceNumber(this.liveEvents.length)));
  }

  async reopen(): Promise<void> {
    await this.close();
    this.store = this.open(this.time);
    this.liveReader = this.readLive();
  }

  /** Closes the store and adds the last events to `liveEvents`. */
  async close(): Promise<void> {
    await this.store.close();
    this.time.advanceBy(0);
    if (!this.liveReader.isComplete) throw new Error('the live reader did not complete on the close');
    this.liveEvents.push(...this.liveReader.values);
  }
}
