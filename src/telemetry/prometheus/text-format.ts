import type { Attributes, Metric } from '../metric.ts';

/** Value of a metric with its attributes. */
export interface Sample {
  readonly value: number;
  readonly attributes: Attributes;
  /** Suffix of the name of a histogram, for example `_sum`. */
  readonly suffix?: string;
}

export interface MetricSamples {
  readonly metric: Metric;
  readonly samples: readonly Sample[];
}

/** Suffixes of the names of metrics, by unit. Units in braces, as in `{event}`, have no suffix. */
const UNIT_SUFFIXES: Readonly<Record<string, string>> = { s: '_seconds', By: '_bytes' };

const sanitized = (name: string): string => name.replaceAll(/[^a-zA-Z0-9_]/g, '_');

/**
 * Returns the name of a metric in Prometheus, by the rules of OpenTelemetry: `messaging.process.duration` in seconds becomes
 * `messaging_process_duration_seconds`, and the name of a counter ends with `_total`.
 */
const prometheusName = ({ name, unit, kind }: Metric): string =>
  sanitized(name) + (UNIT_SUFFIXES[unit] ?? '') + (kind === 'counter' ? '_total' : '');

const escapedHelp = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');

const escapedLabel = (text: string): string => escapedHelp(text).replaceAll('"', '\\"');

/** Returns a number as Prometheus writes it, for example `+Inf` for `Infinity`. */
export function formatNumber(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return String(value);
}

function formatLabels(attributes: Attributes): string {
  const labels = Object.entries(attributes).map(
    ([name, value]) => `${sanitized(name)}="${escapedLabel(value)}"`,
  );
  return labels.length === 0 ? '' : `{${labels.join(',')}}`;
}

/** Returns metrics in the text format of Prometheus, version 0.0.4. Omits metrics without samples. */
export const formatMetrics = (metrics: readonly MetricSamples[]): string =>
  metrics
    .filter(({ samples }) => samples.length > 0)
    .map(({ metric, samples }) => {
      const name = prometheusName(metric);
      const lines = samples.map(
        ({ suffix = '', attributes, value }) =>
          `${name}${suffix}${formatLabels(attributes)} ${formatNumber(value)}\n`,
      );
      return `# HELP ${name} ${escapedHelp(metric.description)}\n# TYPE ${name} ${metric.kind}\n${lines.join('')}`;
    })
    .join('');
