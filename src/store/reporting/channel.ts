import { type TracingChannel, tracingChannel } from 'node:diagnostics_channel';

/** Tracing channel of Node.js with `hasSubscribers`, which `@types/node` 20 does not declare. */
export type Channel<M extends object> = TracingChannel<unknown, M> & {
  /** Whether the start, the end or the error of the operation has a subscriber. */
  readonly hasSubscribers: boolean;
};

export const channelOf = <M extends object>(name: string): Channel<M> =>
  tracingChannel<unknown, M>(name) as Channel<M>;
