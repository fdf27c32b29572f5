import { AssertionError } from 'node:assert';
import { isDeepStrictEqual } from 'node:util';
import { drawMarbles } from './draw-marbles.ts';
import { createLegend, showEach } from './legend.ts';

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
