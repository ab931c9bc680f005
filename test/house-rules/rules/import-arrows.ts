/** Who may import whom: packages one way, and inside a package index -> shell -> core. */
import { posix } from 'node:path';
import { type Import, importsOf, type Offence, type Source } from './source.ts';

/** Each may import those before it. */
const PACKAGES = ['rpc', 'dashboard', 'sysmonitor', 'kvservice', 'testkit', 'cli'] as const;

const SCOPE = '@understudy/';

/** Values that a core may take from outside: assertions, failures, constants of the wire, a data structure without effects. */
const PURE: Readonly<Record<string, readonly string[]>> = {
  '@understudy/rpc': [
    'assert',
    'BrokenInvariant',
    'compareUtf8',
    'fromSortable',
    'toSortable',
    'unreachable',
    'UnderstudyError',
  ],
  '@understudy/sysmonitor': ['NO_VIEW', 'PING_INTERVAL', 'DEAD_PINGS'],
  'sorted-btree': ['default'],
  'sorted-btree/extended/bulkLoad.js': ['bulkLoad'],
};

/** Dependencies that one package alone may know. */
const OWNED: Readonly<Record<string, string>> = {
  'classic-level': 'rpc',
  jayson: 'rpc',
  'prom-client': 'rpc',
  uuid: 'rpc',
};

export interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** @param manifests package.json of each package, by the package's folder. */
export function checkArrows(sources: readonly Source[], manifests: Readonly<Record<string, Manifest>>): Offence[] {
  return sources.flatMap((source) => {
    const place = placeOf(source.path);
    if (place === undefined) return [];
    return importsOf(source).flatMap((each) =>
      faultsOf(each, place, manifests).map(
        (fault) => `${source.path}:${each.line} imports ${each.specifier}: ${fault}`,
      ),
    );
  });
}

interface Place {
  readonly package: string;
  /** Inside `src`. */
  readonly file: string;
}

function placeOf(path: string): Place | undefined {
  const match = /^packages\/([^/]+)\/src\/(.+)$/.exec(path);
  return match?.[1] === undefined || match[2] === undefined ? undefined : { package: match[1], file: match[2] };
}

function faultsOf(each: Import, place: Place, manifests: Readonly<Record<string, Manifest>>): string[] {
  const { specifier } = each;
  const faults = specifier.startsWith('.')
    ? relativeFaults(each, place)
    : specifier.startsWith('node:')
      ? []
      : packageFaults(specifier, place, manifests[place.package]);
  if (isCore(place.file)) faults.push(...coreFaults(each, place));
  return faults;
}

function relativeFaults({ specifier }: Import, { file }: Place): string[] {
  const target = targetOf(specifier, file);
  if (target.startsWith('../')) return ['a package reaches others by their names, not by paths'];
  if (target === 'index.ts') return ['nothing inside a package imports its index'];
  if (!specifier.endsWith('.ts')) return ['relative imports end in .ts'];
  return [];
}

function packageFaults(specifier: string, place: Place, manifest: Manifest | undefined): string[] {
  const name = packageNameOf(specifier);
  const faults: string[] = [];
  if (name.startsWith(SCOPE)) faults.push(...siblingFaults(specifier, name, place));
  const owner = OWNED[name];
  if (owner !== undefined && owner !== place.package) faults.push(`only packages/${owner} knows ${name}`);
  if (manifest?.dependencies?.[name] === undefined) faults.push('package.json does not list it');
  return faults;
}

function siblingFaults(specifier: string, name: string, place: Place): string[] {
  if (specifier !== name) return ['a package is imported by its index only'];
  const order: readonly string[] = PACKAGES;
  const [own, other] = [order.indexOf(place.package), order.indexOf(name.slice(SCOPE.length))];
  if (own === -1) return [`packages/${place.package} has no place in the order of packages`];
  return other === -1 || other >= own ? [`against the order ${order.join(' <- ')}`] : [];
}

function coreFaults({ specifier, values, typeOnly }: Import, { file }: Place): string[] {
  if (typeOnly) return [];
  if (specifier.startsWith('.')) {
    const target = targetOf(specifier, file);
    return isCore(target) || target === 'contract.ts' ? [] : ['a core imports no value from the shell'];
  }
  const pure = PURE[specifier] ?? [];
  const impure = values.length === 0 ? ['(its effects)'] : values.filter((value) => !pure.includes(value));
  return impure.map((value) => `a core takes no ${value} from outside`);
}

function isCore(file: string): boolean {
  return file.startsWith('core/');
}

function targetOf(specifier: string, file: string): string {
  return posix.normalize(posix.join(posix.dirname(file), specifier));
}

function packageNameOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
