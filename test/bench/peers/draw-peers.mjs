// Draws the bar chart of docs/benchmarks.md from the figures of a run with the peers.
import { readFileSync, writeFileSync } from 'node:fs';
import { init } from 'echarts';

const [source] = process.argv.slice(2);
const { figures } = JSON.parse(readFileSync(source, 'utf8'));
const SIZE = { width: 820, height: 460 };

/** The three panels of the chart: the start of the names of their figures, and their titles. */
const PANELS = [
  ['durable append, 1 in flight', 'one durable append at a time'],
  ['batches of 1000', 'durable batches of 1000'],
  ['replay, payloads read', 'replay of a log'],
];
const OURS = 'rx-watcher';
const measured = figures.filter(({ ratio }) => ratio !== undefined);

/** Returns the name of a peer without its settings, which the table gives. */
const shortName = ({ beside }) => beside.name.split(',')[0];
const peers = [...new Set(measured.map(shortName))];
const categories = [...peers].reverse().concat(OURS);

/** Returns the rate of a peer divided by the rate of rx-watcher for the same work in the same run. */
function rateOf(peer, work) {
  const figure = measured.find((each) => shortName(each) === peer && each.name.startsWith(work));
  return figure === undefined ? undefined : 1 / figure.ratio.median;
}

const barOf = (peer, work) => ({
  value: peer === OURS ? 1 : rateOf(peer, work),
  itemStyle: { color: peer === OURS ? '#2563a8' : '#9aa5b1' },
});
const shownRate = ({ value }) => (value === undefined ? '' : Number(value.toPrecision(2)));
const width = 170;
const left = (index) => 130 + index * (width + 55);

const options = {
  animation: false,
  backgroundColor: '#ffffff',
  title: [
    {
      text: 'Events per second next to rx-watcher (1 = as fast as rx-watcher, longer is faster)',
      left: 'center',
      top: 8,
      textStyle: { fontSize: 14 },
    },
    ...PANELS.map(([, text], index) => ({
      text,
      left: left(index) + width / 2,
      top: 44,
      textAlign: 'center',
      textStyle: { fontSize: 12, fontWeight: 'normal' },
    })),
  ],
  grid: PANELS.map((_, index) => ({ left: left(index), width, top: 76, bottom: 36 })),
  xAxis: PANELS.map((_, gridIndex) => ({ type: 'value', gridIndex, min: 0, splitNumber: 2 })),
  yAxis: PANELS.map((_, gridIndex) => ({
    type: 'category',
    gridIndex,
    data: categories,
    axisTick: { show: false },
    axisLabel: { show: gridIndex === 0 },
  })),
  series: PANELS.map(([work], index) => ({
    type: 'bar',
    xAxisIndex: index,
    yAxisIndex: index,
    barWidth: '55%',
    label: { show: true, position: 'right', formatter: shownRate },
    data: categories.map((peer) => barOf(peer, work)),
  })),
};

const chart = init(null, null, { renderer: 'svg', ssr: true, ...SIZE });
chart.setOption(options);
writeFileSync(
  new URL('../../../docs/benchmarks/peers.svg', import.meta.url),
  `${chart.renderToSVGString()}\n`,
);
chart.dispose();
