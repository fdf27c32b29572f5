import { readFileSync } from 'node:fs';
import { createManager, prometheusMetrics } from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import { firstValueFrom } from 'rxjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { METRICS } from '../../src/telemetry/metric.ts';
import { fillUp } from '../support/watcher/fill.ts';

const textOf = (path: string) => readFileSync(new URL(`../../docs/${path}`, import.meta.url), 'utf8');
const captured = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map(([, part = '']) => part);

const alerts = textOf('monitoring/alerts.yaml');
const guide = textOf('guides/metrics-and-traces.md');

interface Panel {
  readonly title: string;
  readonly targets: readonly { readonly expr: string }[];
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
}
const dashboard: { readonly panels: readonly Panel[] } = JSON.parse(textOf('monitoring/dashboard.json'));

/** Expressions of all alerts and panels, with the name of the alert or panel. */
const expressions: readonly (readonly [name: string, expression: string])[] = [
  ...[...alerts.matchAll(/- alert: (\w+)\n\s+expr: (.*)/g)].map(
    ([, name = '', expr = '']) => [name, expr] as const,
  ),
  ...dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const)),
];

/** Returns the names of metrics and labels in an expression. Texts in quotes are not names. */
const namesIn = (expression: string): readonly string[] =>
  captured(expression.replaceAll(/"[^"]*"/g, ''), /\b((?:messaging|rx_watcher|error)_\w+)/g);

/** Names of the samples and of the labels that `prometheusMetrics` writes. */
let metricNames: ReadonlySet<string>;
let labelNames: ReadonlySet<string>;
let text: string;

beforeAll(async () => {
  const store = createMemoryStore();
  const manager = createManager(store, { lease: true });
  await prometheusMetrics(manager);
  await store.storeEvent({} as never).catch(() => undefined);
  fillUp(store, 1);
  const watcher = manager.create('mailer', { handler: () => undefined, autoStart: true });
  await firstValueFrom(watcher.outcomes$);
  text = await prometheusMetrics(manager);
  metricNames = new Set(captured(text, /^(\w+)[{ ]/gm));
  labelNames = new Set(captured(text, /[{,](\w+)="/g));
  await manager.stop();
});

describe('the alerts and the dashboard of the repository', () => {
  it.each(expressions)(
    'the alerts and the dashboard use only metrics and labels that exist: %s, %s',
    (_name, expression) => {
      const names = namesIn(expression);
      expect(names.some((name) => metricNames.has(name))).toBe(true);
      expect(names.filter((name) => !metricNames.has(name) && !labelNames.has(name))).toEqual([]);
      expect(
        captured(expression, /rx_watcher_state="(\w+)"/g).every((state) => text.includes(`="${state}"`)),
      ).toBe(true);
    },
  );

  it('the dashboard contains a panel for each metric', () => {
    const shown = new Set(
      dashboard.panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => namesIn(expr))),
    );
    const families = captured(text, /^# TYPE (\w+) /gm);
    expect(families).toHaveLength(Object.keys(METRICS).length);
    expect(families.filter((name) => ![...shown].some((used) => used.startsWith(name)))).toEqual([]);
  });

  it('the dashboard contains no panels that overlap', () => {
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_value, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
  });
});

describe('the guide on metrics and traces', () => {
  it('the guide on metrics and traces lists each metric with its kind', () => {
    const rows = Object.values(METRICS).map(
      ({ name, kind, unit }) => `| \`${name}\` | ${kind}${/^(s|By)$/.test(unit) ? `, ${unit}` : ''} |`,
    );
    expect(rows.filter((row) => !guide.includes(row))).toEqual([]);
  });

  it('the guide on metrics and traces explains each alert', () => {
    const names = captured(alerts, /- alert: (\w+)/g);
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !guide.includes(`| \`${name}\` |`))).toEqual([]);
    expect(captured(guide, /^\| `(RxWatcher\w+)` \|/gm)).toEqual(names);
  });
});
