import type { Database } from 'lmdb';
import type { EventHandler, Watcher } from 'rx-watcher';
import type { DemoLog } from '../log/demo-log.ts';
import type { FileEvent } from '../log/file-event.ts';
import { BufferedRows } from './rows.ts';
import type { View } from './view.ts';

/** How many events a view counts before it writes its rows: what a crash costs is to count that many again. */
const COMMIT_EVERY = 1000;

/**
 * Has each event counted exactly once, though a watcher delivers it *at least* once.
 *
 * Two things are kept in one LMDB environment: the rows, and the *position*, the number of the last event that the rows
 * count. Both change in one transaction, so that on the disk they always agree, whenever the process is killed.
 *
 * The watcher's checkpoint is only a hint where to go on. It is stored after the transaction, and a crash between the
 * two leaves it behind the position: the events between them are delivered again, and the position tells that they are
 * counted already. The other way round, the checkpoint first, a crash would lose events. That is why the watchers run
 * with `checkpoint: 'manual'`: an automatic checkpoint follows the handler, which is ahead of the rows that are written.
 */
export class ExactlyOnce<Row = unknown> {
  readonly view: View<Row>;
  readonly rows: BufferedRows<Row>;
  /** Events that were delivered again, and left out. */
  leftOut = 0;

  readonly #log: DemoLog;
  /** The position as it is on the disk. */
  #committed: number;
  #counted: number;
  #uncommitted = 0;
  /** The last event delivered in this run, counted or left out. */
  #delivered = 0;

  constructor(log: DemoLog, view: View<Row>) {
    const table: Database<Row, string> = log.env.openDB({ name: `rows of ${view.name}`, encoding: 'json' });
    this.view = view;
    this.rows = new BufferedRows(table);
    this.#log = log;
    this.#committed = log.positions.get(view.name) ?? 0;
    this.#counted = this.#committed;
  }

  /** The last event that was counted, written or not. */
  get counted(): number {
    return this.#counted;
  }

  /** The handler for the watcher: it waits for the disk only when it writes, once in a thousand events. */
  handlerFor(watcher: Watcher<FileEvent>): EventHandler<FileEvent> {
    return (event, { attempt }) => {
      this.#delivered = event.seqNum;
      if (event.seqNum > this.#counted) {
        this.view.fold(event, this.rows);
        this.#counted = event.seqNum;
        this.#uncommitted++;
      } else if (attempt === 1) {
        this.leftOut++; // on a later attempt it is this run that has counted it, and failed to write
      }
      return this.#uncommitted < COMMIT_EVERY ? undefined : this.commit(watcher);
    };
  }

  /** Writes what is counted, together with the position; after that, and never before, the checkpoint. */
  async commit(watcher: Watcher<FileEvent>): Promise<void> {
    if (this.#counted > this.#committed) await this.#write();
    if (this.#delivered >= this.#committed) await watcher.checkpoint(this.#committed);
  }

  async #write(): Promise<void> {
    const { env, positions } = this.#log;
    const { name } = this.view;
    await this.#log.transaction(() => {
      if ((positions.get(name) ?? 0) !== this.#committed)
        throw new Error(`another process counts ${name} too`);
      this.rows.write();
      void positions.put(name, this.#counted);
    });
    env.resetReadTxn(); // so that the next row is read as it was just written
    this.rows.forget();
    this.#committed = this.#counted;
    this.#uncommitted = 0;
  }
}
