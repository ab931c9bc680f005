/** The names of the fault classes: everything that can go wrong in a simulated world. */

export const NETWORK_FAULTS = [
  'drop',
  'delay',
  'straggle',
  'duplicate',
  'replay',
  'reorder',
  'lost-reply',
  'reset',
  'clog',
  'cut-one-way',
  'partition',
  'depose',
  'slow-link',
] as const;

export const PROCESS_FAULTS = [
  'crash',
  'quick-restart',
  'pause',
  'stall',
  'slow',
  'leave',
  'heir-death',
  'monitor-restart',
  'monitor-pause',
] as const;

export const CLOCK_FAULTS = ['drift', 'drift-beyond', 'wall-jump', 'suspend'] as const;

export const CLIENT_FAULTS = ['timeout', 'abort', 'client-crash', 'client-absence', 'client-stall'] as const;

/** Strike a server at a chosen moment of its work. */
export const MOMENT_FAULTS = ['moment-crash', 'moment-pause', 'moment-cut'] as const;

/** Strike the monitor's disk, if it has one. */
export const MONITOR_DISK_FAULTS = [
  'monitor-write-error',
  'monitor-flipped-bit',
  'monitor-read-error',
  'monitor-disk-full',
] as const;

/** Strike only if servers and monitor keep their data on disk. */
export const DISK_FAULTS = [
  'total-crash',
  'disk-loss',
  'flipped-bit',
  'write-error',
  'read-error',
  'disk-full',
  'slow-disk',
  'older-disk',
  ...MONITOR_DISK_FAULTS,
] as const;

/** A sender that is no server sends messages. */
export const OUTSIDE_FAULTS = ['forged'] as const;

export const FAULT_CLASSES = [
  ...NETWORK_FAULTS,
  ...PROCESS_FAULTS,
  ...MOMENT_FAULTS,
  ...CLOCK_FAULTS,
  ...CLIENT_FAULTS,
  ...DISK_FAULTS,
  ...OUTSIDE_FAULTS,
] as const;

export type FaultClass = (typeof FAULT_CLASSES)[number];
