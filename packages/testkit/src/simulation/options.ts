/** The options of a simulation: reads and checks them, and fills in the defaults. */

import type { KVClient } from '@understudy/kvservice';
import {
  type Clock,
  fields,
  type OptionNames,
  type Random,
  refuseUnknownOptions,
  UnderstudyError,
} from '@understudy/rpc';
import { CLIENT_FAULTS, DISK_FAULTS, FAULT_CLASSES, type FaultClass } from '../faults/classes.ts';
import { SHAPES, type Shape } from './shape.ts';
import type { TraceEvent } from './trace.ts';

export interface SimulationOptions {
  /** The same seed and options give the same run, down to the last message. */
  readonly seed: number | string;
  /** Default 3; drawn from the seed in a run of the shape `wide`. */
  readonly servers?: number | undefined;
  /** The number of backups that a view should have. Default: drawn from the seed. */
  readonly backups?: number | undefined;
  /** The number of client processes, with one KVClient each. Default 5. */
  readonly clients?: number | undefined;
  /** Virtual seconds. The last quarter has no faults. Default 60. */
  readonly seconds?: number | undefined;
  /**
   * `all`: the classes and their strength are drawn from the seed. A list: all of these classes. `none`. Default `all`.
   */
  readonly faults?: 'all' | 'none' | readonly FaultClass[] | undefined;
  /** Whether servers and monitor keep their state on disk. Default: drawn from the seed. */
  readonly disk?: boolean | undefined;
  /** Whether servers have little memory, which clients fill (M1 to M4). Default: drawn from the seed. */
  readonly littleMemory?: boolean | undefined;
  /** A shape shows something that most runs do not, such as large values. Default: drawn from the seed. */
  readonly shape?: Shape | undefined;
  /**
   * Your own code instead of the built-in workload. It runs once in each client process, and fails the run if it
   * throws. It must finish within ten virtual seconds after the faults, which end after three quarters of `seconds`.
   */
  readonly client?: ClientCode | undefined;
  /** Runs in a process of its own once everything is healed and all clients have finished. */
  readonly check?: ClientCode | undefined;
  /** Called with every event of the run, in order. */
  readonly onEvent?: ((event: TraceEvent) => void) | undefined;
}

const SIMULATION_OPTIONS: OptionNames<SimulationOptions> = {
  seed: true,
  servers: true,
  backups: true,
  clients: true,
  seconds: true,
  faults: true,
  disk: true,
  littleMemory: true,
  shape: true,
  client: true,
  check: true,
  onEvent: true,
};

/** Code under simulation. It must take everything from outside from its arguments. */
export type ClientCode = (kv: KVClient, context: ClientContext) => Promise<unknown>;

export interface ClientContext {
  /** The name of the process: `c1`, `c2`, ... */
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Resolves after this many virtual milliseconds. */
  sleep(ms: number): Promise<void>;
}

export interface SimulationSettings {
  readonly seed: number | string;
  readonly servers: number | undefined;
  readonly backups: number | undefined;
  readonly clients: number;
  readonly seconds: number;
  readonly faults: 'all' | readonly FaultClass[];
  readonly disk: boolean | undefined;
  readonly littleMemory: boolean | undefined;
  readonly shape: Shape | undefined;
  readonly client: ClientCode | undefined;
  readonly check: ClientCode | undefined;
  readonly onEvent: ((event: TraceEvent) => void) | undefined;
}

/** Throws INVALID_PARAMS, which names the option. */
export function settingsOf(options: SimulationOptions): SimulationSettings {
  const given = { ...options };
  refuseUnknownOptions(given, SIMULATION_OPTIONS, 'simulate');
  if (typeof options.seed !== 'string' && !Number.isFinite(options.seed)) throw invalid('seed', 'a number or a text');
  return {
    seed: options.seed,
    servers: fields.optionalWhole(given, 'servers', { min: 1, max: 9 }),
    backups: fields.optionalWhole(given, 'backups', { min: 0, max: 8 }),
    clients: fields.optionalWhole(given, 'clients', { min: 1, max: 100 }) ?? 5,
    seconds: fields.optionalWhole(given, 'seconds', { min: 4, max: 86_400 }) ?? 60,
    faults: faultsOf(options),
    disk: diskOf(options),
    littleMemory: optionalBoolean(options, 'littleMemory'),
    shape: shapeOf(options),
    client: optionalFunction(options, 'client'),
    check: optionalFunction(options, 'check'),
    onEvent: optionalFunction(options, 'onEvent'),
  };
}

function shapeOf({ shape, servers, backups, littleMemory, client }: SimulationOptions): Shape | undefined {
  if (shape === undefined || shape === 'usual') return shape;
  if (!SHAPES.includes(shape)) throw invalid('shape', `one of ${SHAPES.join(', ')}`);
  if (shape === 'wide' && (servers !== undefined || backups !== undefined))
    throw invalid('shape', 'another one where servers or backups are set: wide draws both');
  if (littleMemory === true) throw invalid('shape', 'usual where littleMemory is set');
  if (client !== undefined) throw invalid('shape', 'usual where your own code runs: it shapes the built-in workload');
  return shape;
}

function optionalFunction<Name extends 'client' | 'check' | 'onEvent'>(
  options: SimulationOptions,
  name: Name,
): SimulationOptions[Name] {
  const given = options[name];
  if (given !== undefined && typeof given !== 'function') throw invalid(name, 'a function');
  return given;
}

function faultsOf({ faults = 'all', client, disk }: SimulationOptions): SimulationSettings['faults'] {
  if (faults === 'all') return 'all';
  if (faults === 'none') return [];
  const wrong = Array.isArray(faults) ? without(faults, FAULT_CLASSES)[0] : faults;
  if (wrong !== undefined) {
    throw invalid('faults', `'all', 'none' or names out of ${FAULT_CLASSES.join(', ')}; not ${wrong}`);
  }
  refuse(faults, CLIENT_FAULTS, client === undefined ? '' : 'strike the built-in clients: they cannot strike your own');
  refuse(faults, DISK_FAULTS, disk === false ? 'need disks: they cannot strike without' : '');
  return faults;
}

/** Refuses faults that cannot strike, because such a run would prove nothing. */
function refuse(faults: readonly string[], some: readonly string[], why: string): void {
  const refused = why === '' ? undefined : faults.find((fault) => some.includes(fault));
  if (refused !== undefined) throw invalid('faults', `without ${refused} here: ${some.join(', ')} ${why}`);
}

function without(names: readonly string[], known: readonly string[]): readonly string[] {
  return names.filter((name) => !known.includes(name));
}

/** Disk faults need disks. */
function diskOf({ disk, faults }: SimulationOptions): boolean | undefined {
  const known: readonly string[] = DISK_FAULTS;
  return (
    optionalBoolean({ disk }, 'disk') ??
    (Array.isArray(faults) && faults.some((fault) => known.includes(fault)) ? true : undefined)
  );
}

function optionalBoolean<Name extends 'disk' | 'littleMemory'>(
  options: Pick<SimulationOptions, Name>,
  name: Name,
): boolean | undefined {
  const given: unknown = options[name];
  if (given === undefined || typeof given === 'boolean') return given;
  throw invalid(name, 'true or false');
}

function invalid(field: string, wanted: string): UnderstudyError {
  return new UnderstudyError('INVALID_PARAMS', `${field} must be ${wanted}`, { data: { field } });
}
