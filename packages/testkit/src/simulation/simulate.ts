/** Deterministic simulation: a whole cluster in one process, from one seed, with everything going wrong (after TigerBeetle's VOPR and FoundationDB's simulator). */
import { guardGlobals } from '../world/guard-globals.ts';
import { type SimulationOptions, settingsOf } from './options.ts';
import type { SimulationResult, Violation } from './result.ts';
import { Run } from './run.ts';

/**
 * Runs monitor, servers and clients - the real classes - in virtual time: first with faults, then, for the last quarter, without, when the
 * service has to answer again. Every property is checked after every event, and the clients' histories at the end.
 *
 * Resolves also when a property was broken: see `violations`. Rejects with INVALID_PARAMS where an option is wrong. Meanwhile real clocks,
 * timers and randomness throw when touched, by the user's code too; so there is one simulation at a time in a thread (INVALID_REQUEST).
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

/** Also where the code that touched it swallowed the error. */
function touched(message: string): Violation {
  return { property: 'time, timers and randomness come from the world', rules: 'D1', message, atMs: 0 };
}
