import type { Measured } from './harness/measure.js';
import type { Report } from './harness/outcome.js';
import { peer } from './harness/peers.js';
import { number } from './harness/row.js';

/** What is used of ECharts. */
interface Echarts {
  init(dom: null, theme: null, options: object): { setOption(option: object): void; renderToSVGString(): string; dispose(): void };
}

const OWN = '#c2185b';
const OTHER = '#90a4ae';
const PALETTE = [OWN, '#455a64', '#1976d2', '#2e7d32', '#ef6c00', '#6a1b9a', '#00838f', '#8d6e63'];
const WIDTH = 860;
/** The page may be dark: a chart brings its own background. */
const FRAME = { backgroundColor: '#ffffff', textStyle: { fontFamily: 'system-ui, sans-serif', color: '#263238' }, animation: false };

export interface Chart {
  readonly name: string;
  /** For whoever does not see it. */
  readonly text: string;
  readonly svg: string;
}

export const charts = (report: Report): readonly Chart[] => [
  { name: 'performance-peers', text: 'Messages and round trips per second, and latency, beside the peers', svg: peersChart(report) },
  { name: 'performance-database', text: 'What an update costs, by the number of keys of its family', svg: databaseChart(report) },
];

const measured = (report: Report, id: string): readonly Measured[] =>
  (report.rows.find((row) => row.id === id)?.results ?? []).filter((result): result is Measured => 'median' in result);

/** A panel of bars for each row, best on top. */
function peersChart(report: Report): string {
  const panels = [
    { id: 'oneway.tcp', title: 'One way over TCP, messages per second (more is better)' },
    { id: 'cal.64', title: '64 round trips at a time, trips per second (more is better)' },
    { id: 'cal.1.core', title: 'One round trip at a time on one CPU, median in µs (less is better)' },
  ].map((panel) => {
    const row = report.rows.find(({ id }) => id === panel.id);
    const sign = row?.better === 'less' ? 1 : -1;
    // the axis goes up: what is best comes last
    return { ...panel, bars: measured(report, panel.id).toSorted((a, b) => sign * (b.median - a.median)) };
  });
  let top = 20;
  const placed = panels.map((panel) => {
    const place = { ...panel, top, height: 24 * panel.bars.length };
    top += place.height + 60;
    return place;
  });
  return render(top - 10, {
    ...FRAME,
    title: placed.map(({ title, top: at }) => ({ text: title, top: at, left: 20, textStyle: { fontSize: 14 } })),
    grid: placed.map(({ top: at, height }) => ({ top: at + 28, height, left: 220, right: 100 })),
    xAxis: placed.map((_, gridIndex) => ({ gridIndex, type: 'value', show: false })),
    yAxis: placed.map(({ bars }, gridIndex) => ({
      gridIndex,
      type: 'category',
      data: bars.map(({ name }) => name),
      axisTick: { show: false },
      axisLabel: { fontSize: 12, color: '#263238' },
    })),
    series: placed.map(({ bars }, i) => ({
      type: 'bar',
      xAxisIndex: i,
      yAxisIndex: i,
      barWidth: 15,
      barMinHeight: 2,
      data: bars.map(({ id, median }) => ({ value: median, itemStyle: { color: id === 'rxmp' ? OWN : OTHER } })),
      label: { show: true, position: 'right', color: '#263238', formatter: ({ value }: { value: number }) => number(value) },
    })),
  });
}

/** What an update costs, by the number of keys of its family. */
function databaseChart(report: Report): string {
  const sizesOf = (group: string): readonly number[] =>
    report.rows.flatMap(({ id }) => (id.startsWith(`${group}.`) ? [Number(id.slice(group.length + 1))] : []));
  const lines = ['store', 'watch'].flatMap((group) => {
    const sizes = sizesOf(group);
    const contenders = measured(report, `${group}.${sizes[0] ?? ''}`);
    return contenders.map(({ id, name }) => ({
      name: group === 'watch' ? `in another process: ${name}` : name,
      dashed: group === 'watch',
      points: sizes.flatMap((keys) => {
        const found = measured(report, `${group}.${keys}`).find((result) => result.id === id);
        return found === undefined ? [] : [[keys, 1e6 / found.median]];
      }),
    }));
  });
  const axis = { type: 'log', axisLabel: { color: '#263238', formatter: number }, splitLine: { show: true, lineStyle: { color: '#eceff1' } } };
  return render(460, {
    ...FRAME,
    color: PALETTE,
    title: { text: 'One key of a family changes: µs per update (less is better)', left: 20, top: 16, textStyle: { fontSize: 14 } },
    grid: { top: 70, bottom: 60, left: 80, right: 330 },
    legend: { orient: 'vertical', left: 545, top: 70, itemWidth: 30, textStyle: { color: '#263238' } },
    xAxis: { ...axis, name: 'keys of the family', nameLocation: 'middle', nameGap: 34, min: Math.min(...sizesOf('store')) },
    yAxis: axis,
    series: lines.map(({ name, dashed, points }) => ({
      name,
      type: 'line',
      data: points,
      symbolSize: 7,
      lineStyle: { width: 2, type: dashed ? 'dashed' : 'solid' },
    })),
  });
}

function render(height: number, option: object): string {
  const chart = peer<Echarts>('echarts').init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  chart.setOption(option);
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}
