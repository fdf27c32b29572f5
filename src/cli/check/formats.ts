import type { HealthStatus, StoreInfo, WatcherReport } from '../../index.ts';
import { ATTRIBUTES, METRICS, type MetricKey } from '../../telemetry/metric.ts';
import { formatMetrics, type Sample } from '../../telemetry/prometheus/text-format.ts';
import { toPrettyJson } from '../output/event-format.ts';
import { outputWidth, styled } from '../output/print.ts';
import { safeText, wrap } from '../output/text.ts';
import { type Finding, worstOf } from './findings.ts';

/** Findings of a check, and the figures from which they were computed. */
export interface CheckResult {
  readonly findings: readonly Finding[];
  readonly info: StoreInfo;
  readonly watchers: readonly WatcherReport[];
}

const LABELS: Readonly<Record<HealthStatus, string>> = { pass: 'OK', warn: 'WARNING', fail: 'CRITICAL' };
const LABEL_WIDTH = 8;
const STYLES = { pass: 'green', warn: 'yellow', fail: 'red' } as const;

const subjectOf = ({ watcherId }: Finding): string =>
  watcherId === undefined ? 'store' : `watcher '${watcherId}'`;

/** Returns findings as lines for people. Long lines are wrapped and not cut, because a cut could hide a figure. */
function formatText({ findings }: CheckResult): string {
  const worst = worstOf(findings);
  const indentation = ' '.repeat(LABEL_WIDTH + 2);
  const lines = findings.map((finding) => {
    const label = styled(STYLES[finding.status], LABELS[finding.status].padEnd(indentation.length));
    const text = safeText(`${subjectOf(finding)}: ${finding.message}`);
    return label + wrap(text, outputWidth() - indentation.length).join(`\n${indentation}`);
  });
  const count = `${findings.length} ${findings.length === 1 ? 'check' : 'checks'}`;
  return [...lines, `${styled(STYLES[worst], LABELS[worst])}: ${count}`].join('\n');
}

const formatJson = ({ findings }: CheckResult): string =>
  toPrettyJson({ status: worstOf(findings), checks: findings });

/**
 * Returns the label of a figure in the performance data of Nagios, where quotes must be doubled, and `=` and `|` are not
 * permitted.
 */
const perfLabel = ({ name, watcherId }: Finding): string =>
  `'${safeText(`${watcherId === undefined ? '' : `${watcherId} `}${name}`)
    .replaceAll("'", "''")
    .replaceAll(/[=|]/g, '_')}'`;

function perfData(finding: Finding): string {
  const { name, value = 0, limit } = finding;
  const unit = name === 'lagTime' ? 'ms' : '';
  return `${perfLabel(finding)}=${value}${unit};${limit ?? ''}`;
}

/** Returns findings in the output format of Nagios plugins: one line with the problems and the performance data. */
function formatNagios({ findings }: CheckResult): string {
  const problems = findings.filter(({ status }) => status !== 'pass');
  const described = problems.map((finding) => `${subjectOf(finding)}: ${finding.message}`).join(', ');
  const text = problems.length === 0 ? `${findings.length} checks passed` : described;
  const data = findings.filter(({ value }) => value !== undefined).map(perfData);
  const suffix = data.length === 0 ? '' : ` | ${data.join(' ')}`;
  return `RX-WATCHER ${LABELS[worstOf(findings)]} - ${safeText(text).replaceAll('|', '/')}${suffix}`;
}

/** Returns one sample for each watcher that has a value. All reports of a watcher contain the same value. */
function samplesOf(watchers: readonly WatcherReport[], read: (watcher: WatcherReport) => number | undefined) {
  const values = new Map(watchers.map((watcher) => [watcher.id, read(watcher)]));
  return [...values].flatMap(([id, value]): readonly Sample[] =>
    value === undefined ? [] : [{ value, attributes: { [ATTRIBUTES.watcher]: id } }],
  );
}

/** Returns the figures of the watchers as metrics of Prometheus, with the names that `prometheusMetrics` uses. */
function formatPrometheus({ watchers }: CheckResult): string {
  const values: readonly (readonly [MetricKey, (watcher: WatcherReport) => number | undefined])[] = [
    ['lag', ({ lag }) => lag],
    ['lagTime', ({ lagTime }) => (lagTime === undefined ? undefined : lagTime / 1000)],
    ['deadLetters', ({ deadLetters }) => deadLetters],
  ];
  return formatMetrics(
    values.map(([key, read]) => ({ metric: METRICS[key], samples: samplesOf(watchers, read) })),
  ).trimEnd();
}

/** Formats of the result of a check, by name. */
export const FORMATS = {
  text: formatText,
  json: formatJson,
  prometheus: formatPrometheus,
  nagios: formatNagios,
};
