/** What is wrong at the moment: faults that last, processes that are paused or down, and a broken property. */
import { keep, say } from '../../view/svg.js';
import { faultInWords } from '../model/words.js';
import { byId, make } from './dom.js';

/** @import { RunState } from '../model/trace.d.ts' */

/** @param {Readonly<RunState>} state */
export function showNow(state) {
  keep(byId('now', HTMLElement), wrongs(state), {
    key: ({ words }) => words,
    make: ({ kind }) => make('li', { class: kind }),
    change: (element, { words }) => say(element, words),
  });
}

/** These strikes end at once. Processes and links show what they leave behind. */
const MOMENTARY = ['crash', 'quick-restart', 'leave', 'pause', 'monitor-pause', 'monitor-restart', 'stall', 'reset'];
const OF_THE_MOMENT = [...MOMENTARY, 'client-crash', 'client-absence', 'wall-jump', 'total-crash', 'disk-loss'];
const LASTS = (/** @type {string} */ fault) => !OF_THE_MOMENT.includes(fault) && !/(^flipped|error$)/.test(fault);

/**
 * @param {Readonly<RunState>} state
 * @returns {{ kind: string, words: string }[]}
 */
function wrongs(state) {
  const { violations, processes, faults, isHealed } = state;
  const found = violations.map(({ property }) => ({ kind: 'bad', words: `broken: ${property}` }));
  for (const { name, kind, isUp, isPaused, lives } of Object.values(processes)) {
    if (!isUp && lives > 0 && kind !== 'client') found.push({ kind: 'bad', words: `${name} is down` });
    if (isPaused) found.push({ kind: 'warn', words: `${name} stands still` });
  }
  for (const fault of Object.values(faults)) {
    if (LASTS(fault.fault)) found.push({ kind: 'warn', words: faultInWords(fault) });
  }
  if (found.length > 0) return found;
  return [{ kind: 'calm', words: isHealed ? 'everything is put right' : 'nothing is wrong' }];
}
