/** Lines over time, as an SVG picture that a page or a viewer shows by itself. */
import type { Point } from './statistics.ts';

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
  /** Drawn besides, as dots. */
  readonly dots?: readonly Point[];
}

/** Its y axis begins at 0. */
export interface Panel {
  readonly title: string;
  readonly series: readonly Series[];
}

export interface Chart {
  readonly title: string;
  readonly subtitles: readonly string[];
  /** With its unit, as is `yUnit`. */
  readonly xLabel: string;
  readonly yUnit: string;
  readonly panels: readonly Panel[];
}

const WIDTH = 900;
const PANEL_HEIGHT = 260;
const LEFT = 70;
const RIGHT = 210;
const BETWEEN = 56;
const LINE = 18;
const TICKS = 6;
/** Told apart by people who see colours differently (Okabe and Ito). */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'];

/** The text of the picture. */
export function drawChart({ title, subtitles, xLabel, yUnit, panels }: Chart): string {
  const top = 34 + LINE * subtitles.length;
  const height = top + panels.length * (PANEL_HEIGHT + BETWEEN) + 10;
  const head = [
    text(LEFT, 24, title, 'font-size="16" font-weight="bold"'),
    ...subtitles.map((line, at) => text(LEFT, 42 + LINE * at, line)),
  ];
  const body = panels.map((panel, at) => drawPanel(panel, top + 26 + at * (PANEL_HEIGHT + BETWEEN), xLabel, yUnit));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="12" role="img" aria-label="${escape(title)}">`,
    `<rect width="${WIDTH}" height="${height}" fill="white"/>`,
    ...head,
    ...body,
    '</svg>',
    '',
  ].join('\n');
}

function drawPanel({ title, series }: Panel, top: number, xLabel: string, yUnit: string): string {
  const all = series.flatMap(({ points, dots = [] }) => [...points, ...dots]);
  const xs = ticks(Math.max(0, ...all.map(([x]) => x)));
  const ys = ticks(Math.max(0, ...all.map(([, y]) => y)));
  const bottom = top + PANEL_HEIGHT - 34;
  const right = WIDTH - RIGHT;
  const xOf = (x: number) => round(LEFT + ((right - LEFT) * x) / (xs.at(-1) ?? 1));
  const yOf = (y: number) => round(bottom - ((bottom - top) * y) / (ys.at(-1) ?? 1));
  const axes = [
    text(LEFT, top - 8, `${title}, ${yUnit}`, 'font-weight="bold"'),
    ...ys.map(
      (y) => `<path d="M${LEFT} ${yOf(y)}H${right}" stroke="#ddd"/>${text(LEFT - 6, yOf(y) + 4, String(y), END)}`,
    ),
    ...xs.map((x) => text(xOf(x), bottom + 16, String(x), MIDDLE)),
    text((LEFT + right) / 2, bottom + 32, xLabel, MIDDLE),
  ];
  const lines = series.map(({ name, points, dots = [] }, at) => {
    const colour = COLOURS[at % COLOURS.length] ?? 'black';
    const path = points.map(([x, y]) => `${xOf(x)},${yOf(y)}`).join(' ');
    const marks = dots.map(([x, y]) => `<circle cx="${xOf(x)}" cy="${yOf(y)}" r="2.5" fill="${colour}"/>`).join('');
    const legend = text(right + 30, top + 12 + LINE * at, name);
    const sample = `<path d="M${right + 10} ${top + 8 + LINE * at}h14" stroke="${colour}" stroke-width="2"/>`;
    return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="1.3"/>${marks}${sample}${legend}`;
  });
  return [...axes, ...lines].join('\n');
}

const END = 'text-anchor="end"';
const MIDDLE = 'text-anchor="middle"';

/** From 0 to at least `most`, at round numbers. */
export function ticks(most: number): readonly number[] {
  const rough = (most || 1) / (TICKS - 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) ?? 10) * power;
  const count = Math.ceil((most || 1) / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, at) => Number((at * step).toPrecision(12)));
}

function text(x: number, y: number, content: string, attributes = ''): string {
  return `<text x="${x}" y="${y}" ${attributes}>${escape(content)}</text>`;
}

function escape(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

function round(value: number): number {
  return Math.round(10 * value) / 10;
}
