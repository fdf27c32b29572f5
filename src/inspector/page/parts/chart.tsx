import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import type { Series } from '../data/history.ts';
import { formatTimeOfDay } from '../format/format.ts';

interface ChartProps {
  readonly title: string;
  readonly series: Series;
  /** Formats a value for the readout and for screen readers. */
  readonly format: (value: number) => string;
  /** Formats a value for the axis. */
  readonly formatAxis: (value: number) => string;
  /** Highest value of the axis while all values are lower. */
  readonly minScale: number;
  /** Possible distances between two labels of the axis, ascending. */
  readonly steps?: number[];
}

/** Height of the canvas, which the style sheet reserves. */
const HEIGHT = 168;

/** Shortest time that the axis shows, in seconds. */
const MIN_SPAN = 60;

/** Renders a component again when the system changes between light and dark. */
function useColorScheme(): string {
  const query = matchMedia('(prefers-color-scheme: dark)');
  const [isDark, setDark] = useState(query.matches);
  useEffect(() => {
    const update = () => setDark(query.matches);
    query.addEventListener('change', update);
    return () => query.removeEventListener('change', update);
  }, []);
  return isDark ? 'dark' : 'light';
}

/** Returns the options of a chart. Its colours and its font are those of the CSS of `element`. */
function optionsFor(
  element: HTMLElement,
  props: ChartProps,
  onCursor: (index: number | undefined) => void,
): uPlot.Options {
  const style = getComputedStyle(element);
  const color = (name: string) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: color('--quiet'),
    font: `11px ${style.fontFamily}`,
    grid: { stroke: color('--line'), width: 1 },
    ticks: { show: false },
  };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, points: { size: 7 } },
    scales: {
      x: {
        time: true,
        range: (_, min, max) => {
          // Without samples, the axis ends at the current time.
          const end = max ?? Date.now() / 1000;
          return [Math.min(min ?? end, end - MIN_SPAN), end];
        },
      },
      y: { range: (_, __, max) => [0, Math.max(max * 1.08, props.minScale)] },
    },
    axes: [
      {
        ...axis,
        space: 70,
        values: [[1, '{HH}:{mm}:{ss}', null, null, null, null, null, null, 1]],
        size: 24,
      },
      {
        ...axis,
        size: 56,
        space: 36,
        ...(props.steps && { incrs: props.steps }),
        values: (_, values) => values.map(props.formatAxis),
      },
    ],
    series: [
      {},
      { stroke: color('--accent'), fill: color('--accent-fill'), width: 1.75, points: { show: false } },
    ],
    hooks: { setCursor: [({ cursor }) => onCursor(cursor.idx ?? undefined)] },
  };
}

const dataOf = ({ times, values }: Series): uPlot.AlignedData => [[...times], [...values]];

/** Sentence that describes a chart for screen readers. */
function summaryOf({ title, series, format }: ChartProps): string {
  const values = series.values.filter((value) => value !== null);
  const last = values.at(-1);
  if (last === undefined) return `${title}: no values yet`;
  const [min, max] = values.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [last, last],
  );
  return `${title}: now ${format(last)}, between ${format(min)} and ${format(max)} since the page was opened`;
}

/** Chart of a figure over the time for which the page has been open. */
export function Chart(props: ChartProps) {
  const { title, series, format } = props;
  const element = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const [cursor, setCursor] = useState<number>();
  const scheme = useColorScheme();

  // Creates the chart. `series` is not a dependency, because new samples only change the data, in the next effect.
  useEffect(() => {
    const host = element.current;
    if (host === null) return;
    const chart = new uPlot(optionsFor(host, props, setCursor), dataOf(series), host);
    plot.current = chart;
    const observer = new ResizeObserver(() => chart.setSize({ width: host.clientWidth, height: HEIGHT }));
    observer.observe(host);
    return () => {
      observer.disconnect();
      chart.destroy();
    };
  }, [scheme, title]);
  useEffect(() => plot.current?.setData(dataOf(series)));

  const known = series.values.filter((value) => value !== null);
  const value = cursor === undefined ? undefined : series.values[cursor];
  const time = cursor === undefined ? undefined : series.times[cursor];
  return (
    <figure class="chart">
      <figcaption>
        <span>{title}</span>
        <span class="chart-readout">
          {time === undefined ? (
            <span class="quiet">{known.length > 0 && `highest ${format(Math.max(...known))}`}</span>
          ) : (
            <>
              {value === undefined || value === null ? 'not known' : format(value)}
              <span class="quiet"> at {formatTimeOfDay(new Date(time * 1000)).slice(0, 8)}</span>
            </>
          )}
        </span>
      </figcaption>
      <div class="chart-canvas" ref={element} role="img" aria-label={summaryOf(props)} />
    </figure>
  );
}
