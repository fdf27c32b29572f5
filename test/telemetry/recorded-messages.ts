import { type TracingChannelSubscribers, tracingChannel } from 'node:diagnostics_channel';
import { onTestFinished } from 'vitest';

/** Name of a channel with the message that it published. */
export type Published<M> = readonly [name: keyof TracingChannelSubscribers<object>, message: M];

/** Subscribes to a tracing channel until the end of the test. Returns the list of its messages, in order. */
export function recordMessages<M extends object>(name: string): readonly Published<M>[] {
  const published: Published<M>[] = [];
  const record = (kind: Published<M>[0]) => (message: object) => void published.push([kind, message as M]);
  const subscribers = {
    start: record('start'),
    end: record('end'),
    asyncStart: record('asyncStart'),
    asyncEnd: record('asyncEnd'),
    error: record('error'),
  };
  const channel = tracingChannel(name);
  channel.subscribe(subscribers);
  onTestFinished(() => void channel.unsubscribe(subscribers));
  return published;
}

/** Subscribes to the start of a tracing channel until the end of the test. */
export function onStart<M extends object>(name: string, listener: (message: M) => void): void {
  const { start } = tracingChannel(name);
  const subscriber = (message: unknown) => listener(message as M);
  start.subscribe(subscriber);
  onTestFinished(() => void start.unsubscribe(subscriber));
}
