/** The buttons and keys that move through the replay. */
import { SPEEDS } from './model/player.js';
import { byId, make } from './view/dom.js';

/** @import { Step } from './model/player.js' */

/**
 * @typedef {{
 *   toggle: () => void,
 *   step: (step: Step, direction: 1 | -1) => void,
 *   toStart: () => void,
 *   toEnd: () => void,
 *   zoom: (factor: number) => void,
 *   setSpeed: (speed: number) => void,
 * }} Actions
 */

/**
 * @param {Actions} actions
 * @param {number} speed
 */
export function listenToControls(actions, speed) {
  byId('play', HTMLButtonElement).addEventListener('click', actions.toggle);
  for (const button of document.querySelectorAll('[data-step]')) {
    const step = /** @type {Step} */ (button.getAttribute('data-step'));
    const direction = button.getAttribute('data-direction') === '1' ? 1 : -1;
    button.addEventListener('click', () => actions.step(step, direction));
  }
  const select = byId('speed', HTMLSelectElement);
  select.append(...SPEEDS.map((each) => make('option', { value: String(each) }, speedInWords(each))));
  select.value = String(speed);
  select.addEventListener('change', () => actions.setSpeed(Number(select.value)));
  document.addEventListener('keydown', (event) => {
    if (!isForUs(event)) return;
    const action = actionOf(event, actions);
    if (action === undefined) return;
    event.preventDefault();
    action();
  });
}

/** @param {number} speed */
function speedInWords(speed) {
  return Number.isFinite(speed) ? `${speed}×` : 'as fast as it goes';
}

/** Ignores keys while the user types, or uses an element that handles keys itself. @param {KeyboardEvent} event */
function isForUs({ target, ctrlKey, altKey, metaKey, key }) {
  if (ctrlKey || altKey || metaKey) return false;
  if (!(target instanceof HTMLElement)) return true;
  if (target.matches('input[type="search"], select')) return false;
  if (target.matches('input[type="range"]')) return key === ' ';
  if (target.matches('pre, .events')) return key === ' ' || key === 'ArrowLeft' || key === 'ArrowRight';
  return !(target.matches('button, input') && (key === ' ' || key === 'Enter'));
}

/**
 * @param {KeyboardEvent} event
 * @param {Actions} actions
 * @returns {(() => void) | undefined}
 */
function actionOf({ key, shiftKey }, actions) {
  const across = shiftKey ? 'message' : 'event';
  switch (key) {
    case ' ':
      return actions.toggle;
    case 'ArrowRight':
      return () => actions.step(across, 1);
    case 'ArrowLeft':
      return () => actions.step(across, -1);
    case 'ArrowDown':
      return () => actions.step('view', 1);
    case 'ArrowUp':
      return () => actions.step('view', -1);
    case 'Home':
      return actions.toStart;
    case 'End':
      return actions.toEnd;
    case '+':
      return () => actions.zoom(0.5);
    case '-':
      return () => actions.zoom(2);
    default:
      return undefined;
  }
}
