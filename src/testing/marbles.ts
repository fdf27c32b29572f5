import { AssertionError } from 'node:assert';
import { inspect, isDeepStrictEqual } from 'node:util';
import type { Event, Outcome } from '../index.ts';
import { formatEvent, formatOutcome } from './formatters.ts';

/** A gap longer than this is told in numbers. */
const LONGEST_GAP = 24;

const gap = (frames: number): string =>
  frames > LONGEST_GAP || !Number.isInteger(frames) ? ` ${frames}ms ` : '-'.repeat(frames);

/**
 * Marks at their moments, as one writes them in run mode: a group takes the time of its parentheses. What comes within
 * that time cannot be written so, and has its moment before it.
 *
 * @param marks - One character each, in order of time.
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

/** All that there is to a value, on one line; where an error was thrown does not matter. */
const inFull = (value: unknown): string =>
  inspect(value, { depth: 8, breakLength: Number.POSITIVE_INFINITY })
    .replace(/\n\s+at .*?( \{)?$/gm, '$1')
    .replace(/\s*\n\s*/g, ' ');

/** A value as a reader knows it. */
function brief(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(brief).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return inFull(value);
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if ('status' in value && 'attempts' in value) return formatOutcome(value as Outcome);
  if ('operation' in value && 'seqNum' in value) return formatEvent(value as Event);
  return inFull(value);
}

/** Values that differ, each as briefly as it can be told from the others. */
function showEach(values: readonly unknown[]): readonly string[] {
  const texts = values.map(brief);
  return texts.map((text, index) =>
    texts.indexOf(text) === texts.lastIndexOf(text) ? text : inFull(values[index]),
  );
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** The first of the many characters that stand for what the letters are too few for. */
const FIRST_IDEOGRAPH = 0x4e00;

const letterOf = (index: number): string =>
  LETTERS[index] ?? String.fromCharCode(FIRST_IDEOGRAPH + index - LETTERS.length);

/** Gives each value that is told a letter of its own, the same to those that are equal. */
function createLegend() {
  const values: unknown[] = [];
  return {
    /** The letter of a value. */
    letter(value: unknown): string {
      const known = values.findIndex((other) => isDeepStrictEqual(other, value));
      return letterOf(known === -1 ? values.push(value) - 1 : known);
    },
    /** What each letter stands for. */
    lines: (): readonly string[] => showEach(values).map((text, index) => `  ${letterOf(index)} = ${text}`),
  };
}

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

const subscriptionLine = ({ subscribedFrame, unsubscribedFrame }: SubscriptionMessage): string =>
  drawMarbles([
    [subscribedFrame, '^'],
    ...(Number.isFinite(unsubscribedFrame) ? [[unsubscribedFrame, '!'] as const] : []),
  ]);

const errorsOf = (messages: readonly Message[]): readonly unknown[] =>
  messages.flatMap(({ notification: { kind, error } }) => (kind === 'E' ? [error] : []));

function describeErrors(expected: readonly unknown[], actual: readonly unknown[]): readonly string[] {
  if (isDeepStrictEqual(expected, actual)) return showEach(expected).map((error) => `  # = ${error}`);
  const whose = [...expected.map(() => 'expected'), ...actual.map(() => 'actual')];
  return showEach([...expected, ...actual]).map((error, index) => `  # ${whose[index]} = ${error}`);
}

function describeMessages(expected: readonly Message[], actual: readonly Message[]): readonly string[] {
  const legend = createLegend();
  const markOf = ({ kind, value }: Message['notification']): string => {
    if (kind === 'N') return legend.letter(value);
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
