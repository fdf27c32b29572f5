/**
 * Counts each event exactly once, although a watcher delivers it at least once.
 *
 * One LMDB environment holds the rows of a view and its position: the sequence number of the last event that the rows
 * count. Both change in one transaction, so they agree after a kill at any time.
 *
 * The checkpoint of the watcher follows after the transaction. If the process is killed between the two, the watcher
 * delivers counted events again. Their sequence numbers are not above the position, so they are skipped. In the other
 * order, checkpoint first, a kill would lose events. The watchers therefore run with `checkpoint: 'manual'`: an automatic
 * checkpoint follows the handler, which is ahead of the stored rows.
 */
import { createHash } from 'node:crypto';
import type { Database } from 'lmdb';
import type { EventHandler, Watcher } from 'rx-watcher';
import type { DemoLog, FileEvent } from './open-log.ts';
import type { Rows, View } from './views.ts';

/** Number of events per transaction: a kill repeats at most this many, and each transaction costs a flush of the disk. */
const COMMIT_EVERY = 1000;

export class ExactlyOnce<Row = unknown> {
  readonly view: View<Row>;
  readonly rows: BufferedRows<Row>;
  /** Number of events that were delivered again and skipped. */
  redelivered = 0;

  readonly #log: DemoLog;
  /** Position as stored. */
  #committed: number;
  /** Sequence number of the last counted event, stored or not. */
  #counted: number;
  #uncommitted = 0;
  /** Sequence number of the last event that was delivered in this run. */
  #delivered = 0;

  constructor(log: DemoLog, view: View<Row>) {
    this.view = view;
    this.rows = new BufferedRows(log.env.openDB({ name: `rows of ${view.name}`, encoding: 'json' }));
    this.#log = log;
    this.#committed = log.positions.get(view.name) ?? 0;
    this.#counted = this.#committed;
  }

  /** Returns the handler of a watcher. It waits for the disk only when it commits. */
  handlerFor(watcher: Watcher<FileEvent>): EventHandler<FileEvent> {
    return (event, { attempt }) => {
      this.#delivered = event.seqNum;
      if (event.seqNum > this.#counted) {
        this.view.fold(event, this.rows);
        this.#counted = event.seqNum;
        this.#uncommitted++;
      } else if (attempt === 1) {
        this.redelivered++; // a later attempt repeats a commit of this run that has failed
      }
      return this.#uncommitted < COMMIT_EVERY ? undefined : this.commit(watcher);
    };
  }

  /** Stores rows and position in one transaction, then the checkpoint. */
  async commit(watcher: Watcher<FileEvent>): Promise<void> {
    if (this.#counted > this.#committed) await this.#write();
    // A watcher rejects a checkpoint after the last event that it has delivered in this run.
    if (this.#delivered >= this.#committed) await watcher.checkpoint(this.#committed);
  }

  async #write(): Promise<void> {
    const { positions, transaction } = this.#log;
    const { name } = this.view;
    await transaction(() => {
      if ((positions.get(name) ?? 0) !== this.#committed) {
        throw new Error(`cannot store the rows of ${name}: another process has changed them`);
      }
      this.rows.write();
      void positions.put(name, this.#counted);
    });
    this.rows.clearChanges();
    this.#committed = this.#counted;
    this.#uncommitted = 0;
  }
}

/** Rows in an LMDB table. Changes stay in memory until they are written together. */
export class BufferedRows<Row> implements Rows<Row> {
  readonly #table: Database<Row, string>;
  readonly #changed = new Map<string, Row | undefined>();

  constructor(table: Database<Row, string>) {
    this.#table = table;
  }

  get(name: string): Row | undefined {
    const key = keyOf(name);
    return this.#changed.has(key) ? this.#changed.get(key) : this.#table.get(key);
  }

  put(name: string, row: Row): void {
    this.#changed.set(keyOf(name), row);
  }

  remove(name: string): void {
    this.#changed.set(keyOf(name), undefined);
  }

  /** Writes the changes, inside a transaction. They stay in memory in case the transaction fails. */
  write(): void {
    for (const [key, row] of this.#changed) {
      if (row === undefined) void this.#table.remove(key);
      else void this.#table.put(key, row);
    }
  }

  /** Removes the changes from memory, after the transaction. */
  clearChanges(): void {
    this.#changed.clear();
  }

  /** Reads the stored rows, one at a time. */
  *stored(): Generator<Row, void, undefined> {
    for (const { value } of this.#table.getRange()) yield value;
  }
}

/** Maximum length of a name as a key, in UTF-16 code units. An LMDB key holds 1978 bytes. */
const LONGEST = 550;

/** Returns the key of a name. A longer name is replaced by its beginning and a digest, which no short name equals. */
function keyOf(name: string): string {
  if (name.length <= LONGEST) return name;
  return name.slice(0, LONGEST) + createHash('sha256').update(name).digest('hex');
}
