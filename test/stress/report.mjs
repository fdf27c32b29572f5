import { quantile } from '../bench/quantile.mjs';

/** Names of the figures that are summed over the rounds. */
const SUMS = [
  'processes',
  'acknowledged',
  'rows',
  'deleted',
  'unseen',
  'handled',
  'letters',
  'killsWhileOpening',
  'killsOtherwise',
  'unguarded',
];

/** Maximum number of messages and failures shown. */
const SHOWN = 10;

const add = (sums, values) => {
  for (const [name, value] of Object.entries(values)) sums[name] = (sums[name] ?? 0) + value;
};

/** Returns the median, the 99th percentile and the maximum of durations in microseconds, in milliseconds. */
export const milliseconds = (micros) => {
  if (micros.length === 0) return undefined;
  const [p50, p99] = [0.5, 0.99].map((q) => Math.round(quantile(micros, q)) / 1000);
  return { p50, p99, max: micros.reduce((a, b) => Math.max(a, b)) / 1000 };
};

/** Counts equal messages; the most frequent come first. */
function countMessages(messages) {
  const counts = new Map();
  for (const message of messages) counts.set(message, (counts.get(message) ?? 0) + 1);
  return [...counts].toSorted(([, a], [, b]) => b - a).slice(0, SHOWN);
}

function summarize(rounds, { seed, seconds }) {
  const [sums, faults] = [{}, {}];
  for (const round of rounds) {
    add(sums, Object.fromEntries(SUMS.map((name) => [name, round[name]])));
    add(faults, round.faults);
  }
  const openings = rounds.flatMap((round) => round.openings);
  return {
    seed,
    seconds: Math.round(seconds),
    rounds: rounds.length,
    failedRounds: rounds.filter(({ directory }) => directory !== undefined).length,
    openings: openings.length,
    ...sums,
    openingTime: milliseconds(openings),
    appendTime: milliseconds(rounds.flatMap(({ latencies }) => latencies)),
    faults,
    failures: rounds.flatMap(({ failures }) => failures).slice(0, SHOWN),
    messages: countMessages(rounds.flatMap(({ messages }) => messages)),
    kept: rounds.map(({ directory }) => directory).filter((directory) => directory !== undefined),
  };
}

const showTimes = ({ p50, p99, max }) => `p50 ${p50} ms, p99 ${p99} ms, max ${max} ms`;

function showSummary({ openingTime, appendTime, faults, failures, messages, kept, ...figures }) {
  const named = (values) => Object.entries(values).map(([name, value]) => `  ${name}: ${value}`);
  const times = [
    ['an opening', openingTime],
    ['an append', appendTime],
  ];
  return [
    ...named(figures),
    ...times.filter(([, time]) => time).map(([what, time]) => `  ${what} took ${showTimes(time)}`),
    'faults (each must be 0):',
    ...named(faults),
    ...failures.map((failure) => `  ${JSON.stringify(failure)}`),
    ...messages.map(([message, count]) => `  ${count} times: ${message}`),
    ...kept.map((directory) => `  kept: ${directory}`),
    '',
  ].join('\n');
}

/** Prints the results of the rounds, sets the exit code to 1 if there are faults, and returns the summary. */
export function report(rounds, { seed, started, asJson }) {
  const summary = summarize(rounds, { seed, seconds: (performance.now() - started) / 1000 });
  process.stdout.write(asJson ? `${JSON.stringify(summary)}\n` : showSummary(summary));
  process.exitCode = summary.failedRounds > 0 ? 1 : 0;
  return summary;
}
