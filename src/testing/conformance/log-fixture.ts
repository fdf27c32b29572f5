import { firstValueFrom } from 'rxjs';
import type { EventFilter, EventLog, LogPage, NewRecord, ReadRequest } from '../../index.ts';
import type { StoreSupport } from './store-fixture.ts';

/** Log of one test of {@link describeEventLog}. */
export interface TestedLog {
  /** Opens the log. If the engine supports `reopen`, a log that is opened after a close holds the same records. */
  open(): EventLog | Promise<EventLog>;
  /** Removes the log after all its instances are closed. */
  cleanup(): void | Promise<void>;
}

/** Engine under test of {@link describeEventLog}. */
export interface LogFixture {
  /** Features that the engine supports. */
  readonly supports: Pick<StoreSupport, 'reopen' | 'transactions' | 'exactIds'>;
  /** Creates an empty log. Called before each test. */
  create(): TestedLog | Promise<TestedLog>;
}

/** Opens the log of the current test. The suite closes the log after the test. */
export type OpenLog = () => Promise<EventLog>;

/** Creates a new record with the given text as its payload. */
export const draft = (
  text: string,
  objectType = 'Note',
  operation: NewRecord['operation'] = 'CREATE',
): NewRecord => ({ operation, objectType, payload: Buffer.from(text) });

/**
 * Reads a page from the start of the log. A position, filter or limits in `request` replace the defaults, which limit
 * nothing.
 */
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

export const numbersOf = ({ records }: LogPage): readonly number[] => records.map(({ seqNum }) => seqNum);

export const only = (objectType: string): EventFilter => ({ objectTypes: [objectType] });

/** Deletes the records up to a sequence number. */
export const trimThrough = (log: EventLog, maxSeqNum: number) =>
  log.trim({
    maxSeqNum,
    maxTimestamp: Number.POSITIVE_INFINITY,
    respectCheckpoints: false,
    maxRecords: Number.POSITIVE_INFINITY,
  });
