/** The faults by name, as `--faults` takes them: classes, and groups of classes. */
import {
  CLIENT_FAULTS,
  CLOCK_FAULTS,
  DISK_FAULTS,
  FAULT_CLASSES,
  type FaultClass,
  MOMENT_FAULTS,
  NETWORK_FAULTS,
  OUTSIDE_FAULTS,
  PROCESS_FAULTS,
} from '@understudy/testkit';
import { UsageError } from '../exit.ts';
import type { Settings } from './task.ts';

export const FAULT_GROUPS: Readonly<Record<string, readonly FaultClass[]>> = {
  network: NETWORK_FAULTS,
  process: PROCESS_FAULTS,
  clock: CLOCK_FAULTS,
  client: CLIENT_FAULTS,
  disk: DISK_FAULTS,
  moment: MOMENT_FAULTS,
  outside: OUTSIDE_FAULTS,
};

/** `all`, `none`, or names separated by commas. Their order has no meaning, so that it changes no run. */
export function parseFaults(text: string): 'all' | 'none' | readonly FaultClass[] {
  if (text === 'all' || text === 'none') return text;
  const wanted = new Set(text.split(',').flatMap((name) => classesNamed(name.trim())));
  return FAULT_CLASSES.filter((fault) => wanted.has(fault));
}

/** The faults requested by name that strike only servers with disks. */
export function diskFaultsIn(faults: Settings['faults']): readonly FaultClass[] {
  return Array.isArray(faults) ? DISK_FAULTS.filter((fault) => faults.includes(fault)) : [];
}

function classesNamed(name: string): readonly FaultClass[] {
  if (Object.hasOwn(FAULT_GROUPS, name)) return FAULT_GROUPS[name] ?? [];
  const known = FAULT_CLASSES.find((fault) => fault === name);
  if (known !== undefined) return [known];
  const groups = Object.keys(FAULT_GROUPS).join(', ');
  throw new UsageError(
    `--faults: '${name}' is none of all, none, the groups ${groups}, or the classes ${FAULT_CLASSES.join(', ')}`,
  );
}
