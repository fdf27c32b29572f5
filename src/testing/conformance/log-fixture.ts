import { firstValueFrom } from 'rxjs';
import type { EventFilter, EventLog, LogPage, NewRecord, ReadRequest } from '../../index.ts';
import type { StoreSupport } from './store-fixture.ts';

/** One log to test, at the level of its engine; what `TestedStore` is for a store. */
export interface TestedLog {
  /** Opens it. */
  open(): EventLog | Promise<EventLog>;
  /** Removes all that is left of it; it was closed. */
  cleanup(): void | Promise<void>;
}

/** An engine, as its suite sees it. */
export interface LogFixture {
  /** What it supports. */
  readonly supports: Pick<StoreSupport, 'reopen'>;
  /** Makes a log for a test. */
  create(): TestedLog | Promise<TestedLog>;
}

/** Opens the log of the test that is running; the test closes it. */
export type OpenLog = () => Promise<EventLog>;

/** A record that holds a text. */
export const draft = (
  text: string,
  objectType = 'Note',
  operation: NewRecord['operation'] = 'CREATE',
): NewRecord => ({ operation, objectType, payload: Buffer.from(text) });

/** Reads without bounds, but for those given. */
export const read = (log: EventLog, request: Partial<ReadRequest> = {}): Promise<LogPage> =>
  firstValueFrom(
    log.read({
      after: 0,
      filter: undefined,
      maxScanned: Number.POSITIVE_INFINITY,
      limit: Number.POSITIVE_INFINITY,
      maxBytes: Number.POSITIVE_INFINITY,
      ...request,
    }),
  );

/** The numbers of a page's records. */
export const numbersOf = ({ records }: LogPage): readonly number[] => records.map(({ seqNum }) => seqNum);

/** Lets one type through. */
export const only = (objectType: string): EventFilter => ({ objectTypes: [objectType] });

/** Lets go of everything up to a number. */
export const trimThrough = (log: EventLog, maxSeqNum: number) =>
  log.trim({
    maxSeqNum,
    maxTimestamp: Number.POSITIVE_INFINITY,
    respectCheckpoints: false,
    maxRecords: Number.POSITIVE_INFINITY,
  });
