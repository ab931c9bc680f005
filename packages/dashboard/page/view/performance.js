/** The performance panel: operations per second, latencies, retries and duplicates, with failovers marked. */
import { compact, count, latency } from '../model/words.js';
import { chart } from './chart.js';
import { find, h } from './html.js';
import { say, set } from './svg.js';

/** @import { PageModel } from '../model/page-model.js' */
/** @import { Scene, Page, View } from './scene.d.ts' */

const RANGES = [
  { words: '1 min', ms: 60_000 },
  { words: '5 min', ms: 300_000 },
  { words: '30 min', ms: 1_800_000 },
];
/** A second of samples may still be under way. */
const SETTLED_MS = 500;
/** Often enough for the eye: a minute takes a few hundred pixels. */
const REDRAW_MS = 200;

/** @param {PageModel} model @param {Page} page @returns {View} */
export function performanceView(model, page) {
  let rangeMs = /** @type {{ ms: number }} */ (RANGES[0]).ms;
  let drawnAt = 0;
  let drawnAs = '';
  const charts = chartsOf(model);
  find('charts').append(...charts.map(({ figure }) => figure));
  const buttons = RANGES.map(({ words, ms }) =>
    h(
      'button',
      { type: 'button', class: 'quiet', 'aria-pressed': String(ms === rangeMs), click: () => choose(ms) },
      words,
    ),
  );
  find('ranges').append(...buttons);
  new ResizeObserver(redraw).observe(find('charts'));
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  return { update };

  /** @param {number} ms */
  function choose(ms) {
    rangeMs = ms;
    buttons.forEach((button, at) => set(button, { 'aria-pressed': String(RANGES[at]?.ms === ms) }));
    redraw();
  }

  function redraw() {
    drawnAs = '';
    page.changed();
  }

  /** @param {Scene} scene */
  function update({ now, moment, model: { timeline } }) {
    const at = moment ?? now;
    const as = `${moment}`;
    if (as === drawnAs && (moment !== undefined || now - drawnAt < REDRAW_MS)) return;
    drawnAs = as;
    drawnAt = now;
    // A past moment is shown with what came after it, as far as that is known.
    const toMs = moment === undefined ? now : Math.min(now, moment + rangeMs / 3);
    const marks = timeline.entries
      .filter(({ isFailover }) => isFailover)
      .map((entry) => ({ at: entry.at, label: `view ${entry.viewnum}` }));
    charts.forEach(({ draw, tell }, index) => {
      draw({
        fromMs: toMs - rangeMs,
        toMs,
        // Only some servers have reported the last moments, so the line would show a drop that did not happen.
        knownToMs: Math.min(toMs, now - SETTLED_MS),
        marks: index === 0 ? marks : marks.map((mark) => ({ ...mark, label: '' })),
        cursor: moment,
      });
      tell(at);
    });
  }
}

/** @param {PageModel} model */
function chartsOf({ rates }) {
  const { operations, p50Ms, p99Ms, retries, duplicates } = rates;
  const lately = (/** @type {import('../model/series.js').Series} */ series, /** @type {number} */ at) =>
    series.over(at - 1_000 - SETTLED_MS, at - SETTLED_MS);
  return [
    figureOf({
      title: 'Operations per second',
      size: 'large',
      unit: compact,
      least: 10,
      lines: [{ series: operations, colour: 'accent', fill: true, by: 'mean' }],
      legend: [
        {
          name: 'operations/s',
          key: 'accent',
          value: (at) => known(lately(operations, at).mean, (it) => count(Math.round(it))),
        },
      ],
    }),
    figureOf({
      title: 'Latency',
      size: 'medium',
      unit: shortLatency,
      least: 0.5,
      lines: [
        { series: p99Ms, colour: 'ink', by: 'most', dash: true },
        { series: p50Ms, colour: 'accent', by: 'mean' },
      ],
      legend: [
        { name: 'p50', key: 'accent', value: (at) => known(lately(p50Ms, at).mean, latency) },
        { name: 'p99', key: 'ink dashed', value: (at) => known(lately(p99Ms, at).most, latency) },
      ],
    }),
    figureOf({
      title: 'Retries and duplicates',
      size: 'small',
      unit: compact,
      least: 1,
      lines: [
        { series: retries, colour: 'ink', by: 'most', dash: true },
        { series: duplicates, colour: 'accent', by: 'most', fill: true },
      ],
      legend: [
        { name: 'retries/s', key: 'ink dashed', value: (at) => known(lately(retries, at).mean, compact) },
        { name: 'duplicates answered/s', key: 'accent', value: (at) => known(lately(duplicates, at).mean, compact) },
      ],
    }),
  ];
}

/** @param {Parameters<typeof chart>[0] & { size: string, legend: readonly { name: string, key: string, value: (at: number) => string }[] }} options */
function figureOf({ size, legend, ...options }) {
  const { canvas, draw } = chart(options);
  const values = legend.map(() => h('strong'));
  const entries = legend.map(({ name, key }, at) =>
    h(
      'span',
      { class: 'entry' },
      h('span', { class: `key ${key}`, 'aria-hidden': 'true' }),
      /** @type {Node} */ (values[at]),
      ` ${name}`,
    ),
  );
  const figure = h('figure', { class: size }, h('figcaption', {}, ...entries), canvas);
  let toldAt = 0;
  const tell = (/** @type {number} */ at) => {
    // Numbers that change more often cannot be read.
    if (Math.abs(at - toldAt) < 500) return;
    toldAt = at;
    legend.forEach(({ value }, index) => say(/** @type {Element} */ (values[index]), value(at)));
    set(canvas, {
      'aria-label': `${options.title}: ${legend.map(({ name, value }) => `${value(at)} ${name}`).join(', ')}`,
    });
  };
  return { figure, draw, tell };
}

/** @param {number} value @param {(value: number) => string} inWords */
function known(value, inWords) {
  return Number.isNaN(value) ? '–' : inWords(value);
}

/** @param {number} ms */
function shortLatency(ms) {
  return ms >= 1_000 ? `${(ms / 1_000).toFixed(1)} s` : `${Number(ms.toPrecision(2))} ms`;
}
