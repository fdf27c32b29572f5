import { STATUS_CODES } from 'node:http';
import {
  CheckpointError,
  DeserializationError,
  EventHandlingError,
  InvalidOptionsError,
  InvalidStateError,
  LeaseLostError,
  NoHandlerError,
  SequenceTrimmedError,
  StoreClosedError,
  StoreError,
  TimeoutError,
  WatcherAlreadyRunningError,
  WatcherLibraryError,
  WatcherNotFoundError,
} from '../../errors.ts';
import { InvalidParameterError } from '../../http/feed/invalid-parameter.ts';
import type { Problem } from '../api.ts';
import type { Redaction } from '../redaction.ts';
import { RequestError } from './request-error.ts';

type ErrorClass = abstract new (...args: never[]) => WatcherLibraryError;

/** Status of HTTP for each class of errors of this library. All other errors are unexpected. */
const STATUSES: readonly (readonly [ErrorClass, number])[] = [
  [WatcherNotFoundError, 404],
  [InvalidStateError, 409],
  [NoHandlerError, 409],
  [WatcherAlreadyRunningError, 409],
  [LeaseLostError, 409],
  [TimeoutError, 409],
  [SequenceTrimmedError, 410],
  [CheckpointError, 422],
  [InvalidOptionsError, 422],
  [DeserializationError, 500],
  [StoreClosedError, 503],
  [StoreError, 503],
];

/** Classes of errors with a message that can contain parts of an object. */
const QUOTING: readonly ErrorClass[] = [DeserializationError, EventHandlingError];

const problem = (status: number, code: string, detail: string): Problem => ({
  status,
  title: STATUS_CODES[status] ?? 'Error',
  detail,
  code,
});

/** Returns the problem of an error; `undefined` if the error is unexpected and must therefore not be shown. */
export function toProblem(error: unknown, redaction: Redaction): Problem | undefined {
  if (error instanceof RequestError) return problem(error.status, error.code, error.message);
  if (error instanceof InvalidParameterError)
    return problem(400, 'ERR_INVALID_PARAMETER', `${error.message}.`);
  if (!(error instanceof WatcherLibraryError)) return undefined;
  const status = STATUSES.find(([type]) => error instanceof type)?.[1] ?? 500;
  if (!QUOTING.some((type) => error instanceof type)) return problem(status, error.code, error.message);
  const { seqNum } = error as DeserializationError;
  const { name, message, code } = error;
  const shown = redaction.error({ name, message, code }, seqNum === undefined ? {} : { seqNum });
  const event = seqNum === undefined ? 'an event' : `event ${seqNum}`;
  return problem(status, code, shown.message ?? `The inspector cannot read ${event}; its error is hidden.`);
}
