import { DeserializationError, SequenceTrimmedError, StoreClosedError } from '../../errors.ts';
import type { Problem } from '../problem.ts';
import { InvalidParameterError } from './invalid-parameter.ts';

/** Problem in a response of the feed, with the status code of the response. */
export interface FeedProblem extends Problem {
  readonly status: number;
}

/** Returns the problem of an error that clients should distinguish; `undefined` for any other error. */
export function problemOf(error: unknown): FeedProblem | undefined {
  if (error instanceof InvalidParameterError) {
    const { parameter, message } = error;
    return { status: 400, title: 'Invalid parameter', detail: `${message}.`, parameter };
  }
  if (error instanceof SequenceTrimmedError) {
    const { code, requested, oldest } = error;
    const detail = `The log no longer holds the event at position ${requested}. Its oldest event is ${oldest}.`;
    return { status: 410, title: 'Events are deleted', detail, code, oldestSeqNum: oldest };
  }
  if (error instanceof DeserializationError) {
    const { code, seqNum } = error;
    const detail = `Event ${seqNum} cannot be read. To skip the event, continue after its sequence number.`;
    return { status: 500, title: 'Event cannot be read', detail, code, seqNum };
  }
  if (error instanceof StoreClosedError) {
    return {
      status: 503,
      title: 'Log is closed',
      detail: 'The log of this server is closed.',
      code: error.code,
    };
  }
  return undefined;
}

/** Problem of an error that only the host should see. */
export const INTERNAL: FeedProblem = {
  status: 500,
  title: 'Internal error',
  detail: 'The server could not read the log.',
};
