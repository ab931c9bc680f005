/**
 * Metrics in Prometheus' text format. They are read at the moment of a scrape, and nothing is stored between two
 * scrapes.
 */
import type { Registry } from 'prom-client';
import type { DurationHistogram } from './duration-histogram.ts';
import type { PageAnswer } from './page.ts';

/**
 * A metric. `Facts` is its source of values, gathered once per scrape. Names and labels follow Prometheus: base units,
 * and counters end in `_total`.
 */
export type Metric<Facts> =
  | (Described & { readonly kind: 'gauge' | 'counter'; readonly read: (facts: Facts) => number | readonly Sample[] })
  | (Described & { readonly kind: 'histogram'; readonly read: (facts: Facts) => readonly Durations[] });

interface Described {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Durations {
  readonly labels: Readonly<Record<string, string>>;
  readonly durations: DurationHistogram;
}

/**
 * Loads the code for the first scrape in advance. Loading takes 60 ms, during which a serving process would do nothing
 * else.
 */
export async function loadMetrics(): Promise<void> {
  await import('prom-client');
}

/** A metric of every process that writes a log. */
export const DROPPED_LOG_RECORDS: Metric<{ readonly droppedLogRecords: number }> = {
  kind: 'counter',
  name: 'understudy_log_records_dropped_total',
  help: 'Records that the log could not take: its disk was full, its terminal gone, or nobody read it.',
  read: ({ droppedLogRecords }) => droppedLogRecords,
};

/**
 * Renders the metrics. prom-client is loaded at the first scrape unless it was loaded before, because a client never
 * needs it. Each scrape has its own registry. `gather` is called when no more waiting is needed, so all facts are of
 * one moment.
 */
export async function showMetrics<Facts>(metrics: readonly Metric<Facts>[], gather: () => Facts): Promise<PageAnswer> {
  const prometheus = await import('prom-client');
  const facts = gather();
  const registry = new prometheus.Registry();
  const registers = [registry];
  for (const metric of metrics) {
    if (metric.kind === 'histogram') {
      registry.registerMetric(histogram(metric, metric.read(facts)));
      continue;
    }
    const samples = samplesOf(metric.read(facts));
    const { name, help, labels = [] } = metric;
    if (samples.length === 0 && labels.length === 0) continue; // prom-client would report a zero
    const config = { name, help, labelNames: [...labels], registers };
    const shown = metric.kind === 'gauge' ? new prometheus.Gauge(config) : new prometheus.Counter(config);
    for (const { labels, value } of samples) shown.inc(labels, value);
  }
  return { status: 200, body: await registry.metrics(), headers: { 'Content-Type': registry.contentType } };
}

function samplesOf(read: number | readonly Sample[]): readonly Sample[] {
  return typeof read === 'number' ? [{ labels: {}, value: read }] : read;
}

type Registered = Parameters<Registry['registerMetric']>[0];

/** prom-client's own histogram accepts single observations only. Its registry needs no more of a metric than this. */
function histogram({ name, help }: Described, all: readonly Durations[]): Registered {
  const values = all.flatMap(({ labels, durations }) => {
    const { buckets, sumMs } = durations;
    return [
      ...buckets.map(({ upToMs, count }) => ({
        metricName: `${name}_bucket`,
        labels: { ...labels, le: upToMs === Infinity ? '+Inf' : String(upToMs / 1_000) },
        value: count,
      })),
      { metricName: `${name}_sum`, labels, value: sumMs / 1_000 },
      { metricName: `${name}_count`, labels, value: buckets.at(-1)?.count ?? 0 },
    ];
  });
  return {
    name,
    help,
    type: 'histogram',
    get: async () => ({ name, help, type: 'histogram', values }),
  } as unknown as Registered;
}
