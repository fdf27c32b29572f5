import { AssertionError } from 'node:assert';
import { inspect, isDeepStrictEqual } from 'node:util';
import type { Event, Outcome } from '../index.ts';
import { formatEvent, formatOutcome } from './formatters.ts';

/** Maximum number of frames in a gap that is drawn as dashes. Longer gaps are written in milliseconds. */
const LONGEST_GAP = 24;

const gap = (frames: number): string =>
  frames > LONGEST_GAP || !Number.isInteger(frames) ? ` ${frames}ms ` : '-'.repeat(frames);

/**
 * Draws a marble diagram in the syntax of `TestScheduler.run`. In this syntax, time passes for each character of a group,
 * for example 4 frames for `(ab)`.
 *
 * The syntax cannot express a mark at a time that a group covers. This function writes such a mark after the group, with the
 * frame of the mark: `(ab) at 1ms c`.
 *
 * @param marks - Characters with their frames, in order of time.
 */
function drawMarbles(marks: readonly (readonly [frame: number, mark: string])[]): string {
  const frames = new Map<number, string>();
  for (const [frame, mark] of marks) frames.set(frame, (frames.get(frame) ?? '') + mark);
  let drawn = '';
  let position = 0;
  for (const [frame, marked] of frames) {
    const group = marked.length > 1 ? `(${marked})` : marked;
    drawn += (frame < position ? ` at ${frame}ms ` : gap(frame - position)) + group;
    position = frame + group.length;
  }
  return drawn === '' ? '(nothing)' : drawn.trim();
}

/** Returns all properties of a value on one line, without stack traces. */
const inspectFully = (value: unknown): string =>
  inspect(value, { depth: 8, breakLength: Number.POSITIVE_INFINITY })
    .replace(/\n\s+at .*?( \{)?$/gm, '$1')
    .replace(/\s*\n\s*/g, ' ');

/** Returns a short text for a value. The text omits details of events, outcomes and errors, for example timestamps. */
function formatBriefly(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(formatBriefly).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return inspectFully(value);
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if ('status' in value && 'attempts' in value) return formatOutcome(value as Outcome);
  if ('operation' in value && 'seqNum' in value) return formatEvent(value as Event);
  return inspectFully(value);
}

/** Returns a text for each value: the short text if no other value has the same short text, otherwise the full text. */
function formatEach(values: readonly unknown[]): readonly string[] {
  const texts = values.map(formatBriefly);
  return texts.map((text, index) =>
    texts.indexOf(text) === texts.lastIndexOf(text) ? text : inspectFully(values[index]),
  );
}

const MARKS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** Code of the first character that marks further values when the 52 characters of `MARKS` are used up. */
const FIRST_IDEOGRAPH = 0x4e00;

const markAt = (index: number): string =>
  MARKS[index] ?? String.fromCharCode(FIRST_IDEOGRAPH + index - MARKS.length);

/** Assigns a mark to each distinct value; equal values have the same mark. */
function createLegend() {
  const values: unknown[] = [];
  return {
    markOf(value: unknown): string {
      const index = values.findIndex((other) => isDeepStrictEqual(other, value));
      return markAt(index === -1 ? values.push(value) - 1 : index);
    },
    /** Returns a line for each mark with its value. */
    lines: (): readonly string[] => formatEach(values).map((text, index) => `  ${markAt(index)} = ${text}`),
  };
}

/** Notification that a `TestScheduler` has recorded. */
interface Message {
  readonly frame: number;
  readonly notification: {
    readonly kind: 'N' | 'E' | 'C';
    readonly value?: unknown;
    readonly error?: unknown;
  };
}

/** Subscription that a `TestScheduler` has recorded. */
interface SubscriptionMessage {
  readonly subscribedFrame: number;
  readonly unsubscribedFrame: number;
}

const isSubscription = (message: unknown): message is SubscriptionMessage =>
  typeof message === 'object' && message !== null && 'subscribedFrame' in message;

const subscriptionLine = ({ subscribedFrame, unsubscribedFrame }: SubscriptionMessage): string =>
  drawMarbles([
    [subscribedFrame, '^'],
    ...(Number.isFinite(unsubscribedFrame) ? [[unsubscribedFrame, '!'] as const] : []),
  ]);

const errorsOf = (messages: readonly Message[]): readonly unknown[] =>
  messages.flatMap(({ notification: { kind, error } }) => (kind === 'E' ? [error] : []));

function describeErrors(expected: readonly unknown[], actual: readonly unknown[]): readonly string[] {
  if (isDeepStrictEqual(expected, actual)) return formatEach(expected).map((error) => `  # = ${error}`);
  const labels = [...expected.map(() => 'expected'), ...actual.map(() => 'actual')];
  return formatEach([...expected, ...actual]).map((error, index) => `  # ${labels[index]} = ${error}`);
}

function describeMessages(expected: readonly Message[], actual: readonly Message[]): readonly string[] {
  const legend = createLegend();
  const markOf = ({ kind, value }: Message['notification']): string => {
    if (kind === 'N') return legend.markOf(value);
    return kind === 'E' ? '#' : '|';
  };
  const draw = (messages: readonly Message[]) =>
    drawMarbles(messages.map(({ frame, notification }) => [frame, markOf(notification)] as const));
  const diagrams = [`expected ${draw(expected)}`, `actual   ${draw(actual)}`];
  return [...diagrams, ...legend.lines(), ...describeErrors(errorsOf(expected), errorsOf(actual))];
}

const describeSubscriptions = (
  expected: readonly SubscriptionMessage[],
  actual: readonly SubscriptionMessage[],
): readonly string[] => [
  ...expected.map((one) => `expected ${subscriptionLine(one)}`),
  ...actual.map((one) => `actual   ${subscriptionLine(one)}`),
];

/**
 * Compares the notifications that a `TestScheduler` has recorded with the expected ones. Pass it to the constructor of
 * `TestScheduler`.
 *
 * If they differ, the error message shows the recorded and the expected notifications as marble diagrams, with a legend of
 * events and outcomes.
 *
 * @throws AssertionError if the notifications differ.
 * @example
 * const testScheduler = new TestScheduler(assertMarbles);
 */
export function assertMarbles(actual: unknown, expected: unknown): void {
  if (isDeepStrictEqual(actual, expected)) return;
  const [actualMessages, expectedMessages] = [actual, expected].map((one) =>
    Array.isArray(one) ? one : [one],
  ) as [never[], never[]];
  const lines = [...actualMessages, ...expectedMessages].some(isSubscription)
    ? describeSubscriptions(expectedMessages, actualMessages)
    : describeMessages(expectedMessages, actualMessages);
  throw new AssertionError({
    message: ['the marble diagrams differ', ...lines].join('\n'),
    actual,
    expected,
  });
}
