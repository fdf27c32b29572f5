import { AssertionError } from 'node:assert';
import { inspect, isDeepStrictEqual } from 'node:util';
import type { Event, Outcome } from '../index.ts';
import { showEvent, showOutcome } from './show.ts';

/** What a TestScheduler has noted of an Observable at one moment. */
interface Message {
  readonly frame: number;
  readonly notification: {
    readonly kind: 'N' | 'E' | 'C';
    readonly value?: unknown;
    readonly error?: unknown;
  };
}

/** What it has noted of a subscription. */
interface SubscriptionMessage {
  readonly subscribedFrame: number;
  readonly unsubscribedFrame: number;
}

const isSubscription = (message: unknown): message is SubscriptionMessage =>
  typeof message === 'object' && message !== null && 'subscribedFrame' in message;

/** A gap longer than this is told in numbers. */
const LONGEST_GAP = 24;

const gap = (frames: number): string =>
  frames > LONGEST_GAP ? ` ${frames}ms ` : '-'.repeat(Math.max(0, frames));

/** Marks at their moments, on a line. */
function line(marks: readonly (readonly [frame: number, mark: string])[]): string {
  const frames = new Map<number, string>();
  for (const [frame, mark] of marks) frames.set(frame, (frames.get(frame) ?? '') + mark);
  let drawn = '';
  let position = 0;
  for (const [frame, group] of frames) {
    drawn += gap(frame - position) + (group.length > 1 ? `(${group})` : group);
    position = frame + 1;
  }
  return drawn === '' ? '(nothing)' : drawn;
}

/** A value as a reader knows it. */
function show(value: unknown): string {
  if (typeof value === 'object' && value !== null) {
    if ('status' in value && 'attempts' in value) return showOutcome(value as Outcome);
    if ('operation' in value && 'seqNum' in value) return showEvent(value as Event);
  }
  return inspect(value, { breakLength: Number.POSITIVE_INFINITY });
}

/** Gives each value that is told a letter of its own, the same to those that are equal. */
function createLegend() {
  const values: unknown[] = [];
  const letterOf = (index: number) => String.fromCharCode('a'.charCodeAt(0) + (index % 26));
  return {
    markOf({ kind, value }: Message['notification']): string {
      if (kind !== 'N') return kind === 'E' ? '#' : '|';
      const known = values.findIndex((other) => isDeepStrictEqual(other, value));
      if (known !== -1) return letterOf(known);
      return letterOf(values.push(value) - 1);
    },
    lines: () => values.map((value, index) => `  ${letterOf(index)} = ${show(value)}`),
  };
}

const subscriptionLine = ({ subscribedFrame, unsubscribedFrame }: SubscriptionMessage): string =>
  line([
    [subscribedFrame, '^'],
    ...(Number.isFinite(unsubscribedFrame) ? [[unsubscribedFrame, '!'] as const] : []),
  ]);

const errorsOf = (messages: readonly Message[]): readonly string[] =>
  messages.flatMap(({ notification: { kind, error } }) => (kind === 'E' ? [`  # = ${show(error)}`] : []));

function describeMessages(expected: readonly Message[], actual: readonly Message[]): readonly string[] {
  const legend = createLegend();
  const draw = (messages: readonly Message[]) =>
    line(messages.map(({ frame, notification }) => [frame, legend.markOf(notification)] as const));
  const diagrams = [`expected ${draw(expected)}`, `actual   ${draw(actual)}`];
  return [...diagrams, ...legend.lines(), ...errorsOf(expected), ...errorsOf(actual)];
}

const describeSubscriptions = (
  expected: readonly SubscriptionMessage[],
  actual: readonly SubscriptionMessage[],
): readonly string[] => [
  ...expected.map((one) => `expected ${subscriptionLine(one)}`),
  ...actual.map((one) => `actual   ${subscriptionLine(one)}`),
];

/**
 * Compares what a TestScheduler has noted, and shows both as marble diagrams if they differ, events and outcomes by
 * what they are: for the scheduler of a test.
 *
 * @throws AssertionError of `node:assert`, which every test runner knows.
 * @example
 * const testScheduler = new TestScheduler(assertMarbles);
 */
export function assertMarbles(actual: unknown, expected: unknown): void {
  if (isDeepStrictEqual(actual, expected)) return;
  const [given, wanted] = [actual, expected].map((one) => (Array.isArray(one) ? one : [one])) as [
    never[],
    never[],
  ];
  const lines = [...given, ...wanted].some(isSubscription)
    ? describeSubscriptions(wanted, given)
    : describeMessages(wanted, given);
  throw new AssertionError({ message: ['the diagrams differ', ...lines].join('\n'), actual, expected });
}
