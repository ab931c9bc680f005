/**
 * Deterministic simulation: runs a whole cluster in one process, from one seed, with faults of every kind (after
 * TigerBeetle's VOPR and FoundationDB's simulator).
 */
import { guardGlobals } from '../world/guard-globals.ts';
import { type SimulationOptions, settingsOf } from './options.ts';
import type { SimulationResult, Violation } from './result.ts';
import { Run } from './run.ts';

/**
 * Runs the real classes of monitor, servers and clients in virtual time. The last quarter of the run has no faults, and
 * the service must answer again. Every property is checked after every event, and the clients' histories at the end.
 *
 * Resolves even if a property was broken: see `violations`. Rejects with INVALID_PARAMS if an option is wrong. While it
 * runs, real clocks, timers and randomness throw when used, even in the user's code. So a thread can run only one
 * simulation at a time (INVALID_REQUEST).
 */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const settings = settingsOf(options);
  const { onEvent } = settings;
  const guard = guardGlobals({ against: 'everybody' });
  try {
    const result = await new Run({
      ...settings,
      onEvent: onEvent && ((event) => guard.except(() => onEvent(event))),
    }).toEnd();
    return { ...result, violations: [...result.violations, ...guard.violations.map(touched)] };
  } finally {
    guard.restore();
  }
}

/** Reported even if the code that used it swallowed the error. */
function touched(message: string): Violation {
  return { property: 'time, timers and randomness come from the world', rules: 'D1', message, atMs: 0 };
}
