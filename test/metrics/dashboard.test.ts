/** The Grafana dashboard asks for metrics that there are, by labels that they have. */
import { readFileSync } from 'node:fs';
import { type Cluster, startCluster } from '@understudy/testkit';
import { expect } from 'chai';
import { checkRules, needsPromtool } from './promtool.ts';
import { declared, text } from './scrape.ts';

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly type: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly annotations: { readonly list: readonly { readonly expr: string }[] };
}

const DASHBOARD = JSON.parse(
  readFileSync(new URL('../../docs/grafana-dashboard.json', import.meta.url), 'utf8'),
) as Dashboard;

/** Every Prometheus gives these to what it scrapes. */
const OF_PROMETHEUS = ['job', 'instance'];

const namesIn = (expr: string): string[] => expr.match(/\bunderstudy_\w+/g) ?? [];

describe('the Grafana dashboard', () => {
  let cluster: Cluster;
  /** Types by name. */
  let metrics: ReadonlyMap<string, string>;
  /** Names of labels, by metric. */
  const labels = new Map<string, Set<string>>();

  before(async () => {
    cluster = await startCluster({ servers: 2 });
    await cluster.client().put('k', 'v');
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'kv.put', params: {} });
    await fetch(`http://${cluster.primary}/rpc`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body,
    });
    const shown = `${await text(cluster.primary)}\n${await text(cluster.monitor)}`;
    metrics = declared(shown);
    for (const [, name = '', told = ''] of shown.matchAll(/^(\w+)\{(.*)\} /gm)) {
      const known = labels.get(name) ?? new Set();
      for (const [, label = ''] of told.matchAll(/(\w+)="/g)) known.add(label);
      labels.set(name, known);
    }
  });
  after(() => cluster.close());

  const exists = (name: string): boolean => {
    const base = name.replace(/_(bucket|sum|count)$/, '');
    return metrics.has(name) || metrics.get(base) === 'histogram';
  };

  it('draws panels side by side, each with something in it', () => {
    const drawn = DASHBOARD.panels.filter(({ type }) => type !== 'row');
    expect(drawn.length).to.be.greaterThan(15);
    expect(new Set(DASHBOARD.panels.map(({ id }) => id)).size).to.equal(DASHBOARD.panels.length);
    const places = drawn.flatMap(({ gridPos: { x, y, w } }) => Array.from({ length: w }, (_, at) => `${x + at} ${y}`));
    expect(new Set(places).size).to.equal(places.length);
    for (const { title, targets = [] } of drawn) expect(targets, title).not.to.deep.equal([]);
  });

  const queries = DASHBOARD.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, legendFormat }) => ({ title, expr, legendFormat })),
  );
  for (const { title, expr, legendFormat } of queries) {
    it(`${title}: ${expr}`, () => {
      expect(namesIn(expr)).not.to.deep.equal([]);
      for (const name of namesIn(expr)) expect(exists(name), name).to.equal(true);
      const grouped = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(', '));
      const legend = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
      const matched = [...expr.matchAll(/(\w+)=~?"/g)].map(([, label = '']) => label);
      // Nothing is being transferred, so these two have no labels to show yet.
      const known = expr.includes('understudy_transfer_') ? ['backup'] : [];
      for (const name of namesIn(expr)) known.push(...(labels.get(name) ?? []));
      expect([...known, ...OF_PROMETHEUS]).to.include.members([...grouped, ...legend, ...matched]);
      for (const label of legend) expect(grouped, `${label} is grouped away`).to.include(label);
    });
  }

  describe('its queries', () => {
    before(function () {
      return needsPromtool(this);
    });

    it('are PromQL', async () => {
      const all = [...queries, ...DASHBOARD.annotations.list];
      const rules = all.map(({ expr }, at) => {
        const plain = expr.replaceAll('$job', '.*').replace(/\$__(rate_)?interval/g, '1m');
        return { record: `dashboard:query${at}`, expr: plain };
      });
      const { code, said = '' } = (await checkRules({ groups: [{ name: 'dashboard', rules }] })) ?? {};
      expect(code, said).to.equal(0);
      expect(said).to.contain(`${all.length} rules found`);
      const broken = { groups: [{ name: 'broken', rules: [{ record: 'a:b', expr: 'sum by (understudy_viewnum' }] }] };
      expect(await checkRules(broken)).to.deep.include({ code: 1 });
    });
  });

  it('has every metric explained in docs/OPERATIONS.md, which explains no other', () => {
    const doc = readFileSync(new URL('../../docs/OPERATIONS.md', import.meta.url), 'utf8');
    const section = doc.split('\n## Metrics')[1]?.split('\n### ')[0] ?? '';
    const rows = section.split('\n').filter((line) => line.startsWith('| `'));
    const explained = rows.flatMap((row) => namesIn(row.split('|')[1] ?? ''));
    expect(explained).to.have.members([...metrics.keys()]);
    for (const row of rows) {
      const [, names = '', type = ''] = row.split('|').map((cell) => cell.trim());
      for (const name of namesIn(names)) expect(metrics.get(name), name).to.equal(type);
    }
  });

  it('counts rates of counters and histograms only', () => {
    for (const { expr } of queries) {
      for (const [, name = ''] of expr.matchAll(/(?:rate|increase)\((understudy_\w+)/g)) {
        const base = name.replace(/_(bucket|sum|count)$/, '');
        expect(metrics.get(name) ?? metrics.get(base), name).to.be.oneOf(['counter', 'histogram']);
      }
    }
    for (const { expr } of DASHBOARD.annotations.list)
      for (const name of namesIn(expr)) expect(exists(name)).to.equal(true);
  });
});
