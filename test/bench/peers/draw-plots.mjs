// Draws the plots of docs/benchmarks.md from the figures of a run that belong to a plot.
import { readFileSync, writeFileSync } from 'node:fs';
import { init } from 'echarts';

const [source] = process.argv.slice(2);
const { figures } = JSON.parse(readFileSync(source, 'utf8'));
const SIZE = { width: 820, height: 400 };
const rateAxis = { type: 'log', name: 'events/s', min: 'dataMin' };
const memoryAxis = { type: 'value', name: 'MiB', min: 0, splitLine: { show: false } };

/** Returns the options of one plot: rates on the left axis, memory on the right axis. */
function optionsOf(plotted) {
  const names = [...new Set(plotted.map(({ plot }) => plot.series))];
  const series = names.map((name) => {
    const ofSeries = plotted.filter(({ plot }) => plot.series === name);
    return {
      name: `${name}, ${ofSeries[0].unit}`,
      type: 'line',
      yAxisIndex: ofSeries[0].unit === 'MiB' ? 1 : 0,
      data: ofSeries.map(({ plot, median }) => [plot.x, median]),
    };
  });
  return {
    animation: false,
    backgroundColor: '#ffffff',
    legend: { top: 8 },
    grid: { left: 90, right: 70, top: 70, bottom: 60 },
    xAxis: { type: 'log', name: plotted[0].plot.axis, nameLocation: 'middle', nameGap: 32 },
    yAxis: [rateAxis, memoryAxis],
    series,
  };
}

for (const name of new Set(figures.flatMap(({ plot }) => plot?.name ?? []))) {
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...SIZE });
  chart.setOption(optionsOf(figures.filter(({ plot }) => plot?.name === name)));
  const path = new URL(`../../../docs/benchmarks/${name}.svg`, import.meta.url);
  writeFileSync(path, `${chart.renderToSVGString()}\n`);
  chart.dispose();
}
