/** All kinds of faults, by the names that the command line uses. */
import type { Fault } from '../field.ts';
import { bulk } from './bulk.ts';
import { clockJump } from './clock.ts';
import { damageDirectory } from './disks.ts';
import { forge, hostile } from './hostile.ts';
import { cut, flap, loss, reset, slow } from './network.ts';
import { kill, leave, leaveInPairs, stop, totalCrash } from './processes.ts';

export const FAULTS = {
  stop,
  kill,
  leave,
  'leave-in-pairs': leaveInPairs,
  'total-crash': totalCrash,
  damage: damageDirectory,
  clock: clockJump,
  cut,
  loss,
  slow,
  flap,
  reset,
  hostile,
  forge,
  bulk,
} as const satisfies Readonly<Record<string, Fault>>;

export type FaultName = keyof typeof FAULTS;

export const FAULT_NAMES = Object.keys(FAULTS) as readonly FaultName[];

/** What no cluster without a disk can have. */
export const NEED_DISKS: readonly FaultName[] = ['total-crash', 'damage'];
