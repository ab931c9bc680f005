/** The outcome of the run, with a link to the place that shows it. */
import { timeInWords } from '../model/words.js';
import { byId } from './dom.js';

/** @import { Summary } from '../load.js' */
/** @import { Run } from '../model/run.js' */

/**
 * @param {Summary} summary
 * @param {Run} run
 * @param {(place: number) => void} onGo
 */
export function showVerdict(summary, run, onGo) {
  const { name, missing } = summary;
  document.title = `${name} - Understudy replay`;
  byId('what', HTMLElement).textContent = whatInWords(summary, run);
  byId('missing', HTMLElement).hidden = missing === '';
  byId('missing', HTMLElement).textContent = missing;
  const [words, kind] = verdictInWords(run);
  byId('verdict', HTMLElement).textContent = words;
  byId('verdict', HTMLElement).className = kind;
  const [violation] = run.violations;
  if (violation === undefined) return;
  const { property, rules, where, at, message } = violation;
  byId('violation', HTMLElement).hidden = false;
  byId('violation-title', HTMLElement).textContent = `Broken: ${property}${rules === '' ? '' : ` (${rules})`}`;
  const place = where === '' ? '' : ` at ${where}`;
  byId('violation-text', HTMLElement).textContent = `${timeInWords(at)}${place}: ${message.trimEnd()}`;
  byId('go-there', HTMLElement).addEventListener('click', () => onGo(run.events.indexOf(violation)));
}

/**
 * @param {Run} run
 * @returns {[string, 'good' | 'warn' | 'bad']}
 */
function verdictInWords({ violations, end }) {
  const [violation] = violations;
  if (violation !== undefined) return [`violation at ${timeInWords(violation.at)}`, 'bad'];
  if (end === undefined) return ['not to its end', 'warn'];
  return end.halted === '' ? ['every property held', 'good'] : [`halted: ${end.halted}`, 'warn'];
}

/**
 * @param {Summary} summary
 * @param {Run} run
 */
function whatInWords({ name }, { start, events, endAt }) {
  const faults = start.faults.map(({ fault }) => fault).join(', ') || 'none';
  const disk = start.disk ? 'with disks' : 'without disks';
  return `${name}: seed ${start.seed}, ${timeInWords(endAt, 1)}, ${events.length.toLocaleString('en')} events, ${disk}; faults: ${faults}`;
}
