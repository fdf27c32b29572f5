import type { Event, EventStore } from 'rx-watcher';
import { afterSequenceNumber } from 'rx-watcher';
import { type Notes, note } from '../../src/testing/conformance/support/note.ts';
import { VirtualTime } from '../../src/testing/conformance/support/virtual-time.ts';

/** A store, its clock, and somebody who follows it all the time. */
export class RealStore<S extends EventStore = EventStore> {
  readonly time = new VirtualTime();
  store: S;
  /** What the follower was sent, however often the store was opened again. */
  readonly followed: Event[] = [];
  private follower: Notes<Event>;
  private readonly open: (scheduler: VirtualTime) => S;

  constructor(open: (scheduler: VirtualTime) => S) {
    this.open = open;
    this.store = open(this.time);
    this.follower = this.follow();
  }

  private follow(): Notes<Event> {
    return note(this.store.events(afterSequenceNumber(this.followed.length)));
  }

  async reopen(): Promise<void> {
    await this.close();
    this.store = this.open(this.time);
    this.follower = this.follow();
  }

  /** Ends it; `followed` is whole then. */
  async close(): Promise<void> {
    await this.store.close();
    this.time.advance(0);
    if (!this.follower.isComplete) throw new Error('a follower was not completed by the close');
    this.followed.push(...this.follower.values);
  }
}
