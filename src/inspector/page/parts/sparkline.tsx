import type { Series } from '../data/history.ts';

const WIDTH = 88;
const HEIGHT = 20;

/** Maximum number of points, because more than one point per pixel cannot be seen. */
const POINTS = 60;

/** Small chart of a figure, without axes. Screen readers read the number next to the chart. */
export function Sparkline({ series }: { readonly series: Series }) {
  const values = series.values.slice(-POINTS).map((value) => value ?? 0);
  const max = Math.max(1, ...values);
  const y = (value: number) => (HEIGHT - 1.5 - (value / max) * (HEIGHT - 3)).toFixed(1);
  const x = (index: number) => (WIDTH - ((values.length - 1 - index) * WIDTH) / (POINTS - 1)).toFixed(1);
  return (
    <svg class="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      <polyline points={values.map((value, index) => `${x(index)},${y(value)}`).join(' ')} />
    </svg>
  );
}
