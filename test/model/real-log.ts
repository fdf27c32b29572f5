import type { Event, EventLog, EventStore } from 'rx-watcher';
import { afterSequenceNumber, createEventStore } from 'rx-watcher';
import { type Notes, note } from '../conformance/note.ts';
import { VirtualTime } from '../conformance/virtual-time.ts';

/** A log, a store on it, and somebody who follows it all the time. */
export class RealLog {
  readonly time = new VirtualTime();
  log: EventLog;
  store: EventStore;
  /** What the follower was sent, however often the log was opened again. */
  readonly followed: Event[] = [];
  private follower: Notes<Event>;
  private readonly openLog: () => EventLog;

  constructor(openLog: () => EventLog) {
    this.openLog = openLog;
    this.log = openLog();
    this.store = this.openStore();
    this.follower = this.follow();
  }

  private openStore(): EventStore {
    return createEventStore(this.log, { scheduler: this.time, longPollingTimeout: 0, gcAgeThreshold: 0 });
  }

  private follow(): Notes<Event> {
    return note(this.store.events(afterSequenceNumber(this.followed.length)));
  }

  private async unfollow(): Promise<void> {
    await this.store.close();
    this.time.advance(0);
    if (!this.follower.isComplete) throw new Error('a follower was not completed by the close');
    this.followed.push(...this.follower.values);
  }

  async reopen(): Promise<void> {
    await this.unfollow();
    this.log = this.openLog();
    this.store = this.openStore();
    this.follower = this.follow();
  }

  /** Ends it; `followed` is whole then. */
  async close(): Promise<void> {
    await this.unfollow();
  }
}
