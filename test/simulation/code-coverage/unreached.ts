/**
 * What simulated runs need not reach, each with its reason. `*` is a whole file; anything else is the first line of a
 * stretch.
 *
 * An entry must be true: `npm run coverage:simulation` names entries that a seed has reached. Code that only has not
 * been reached yet is no entry. It is printed until the simulation reaches it, or somebody knows why it cannot.
 */
import type { Unreached } from './expectation.ts';

const WHOLE = ['*'];

function files(folder: string, ...names: readonly string[]): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(names.map((name) => [`${folder}/${name}.ts`, WHOLE]));
}

export const UNREACHED: Unreached = {
  'HTTP: simulated clients speak JSON-RPC only': files(
    'kvservice/src/http',
    'conditions',
    'gateway',
    'kv-pages',
    'local-reads',
    'own-calls',
    'patience',
    'plain-http',
    'query',
  ),
  'Web pages and /metrics: nobody reads them in a simulation': {
    ...files('kvservice/src', 'known-nodes', 'server-metrics', 'server-page', 'telemetry'),
    ...files('sysmonitor/src', 'monitor-page', 'pages', 'telemetry'),
  },
  'One monitor: a simulated cluster has no second one to compare it with': {
    ...files('kvservice/src', 'monitor-comparison'),
    ...files('sysmonitor/src', 'compared-surveys', 'monitor-states', 'survey'),
  },
  'Options of a caller: simulated servers, monitors and clients are given right ones': {
    ...files('kvservice/src', 'memory-bound', 'options'),
    ...files('kvservice/src/client', 'options'),
    ...files('sysmonitor/src', 'options'),
  },
};
