/** The replay of a trace: loads it, and keeps all parts of the page at the same moment. */
import { drawTopology } from '../view/topology.js';
import { listenToControls } from './controls.js';
import { loadEvents, loadSummary } from './load.js';
import { Player } from './model/player.js';
import { Run } from './model/run.js';
import { sceneOf } from './model/scene.js';
import { timeInWords } from './model/words.js';
import { Detail } from './view/detail.js';
import { isFollowing, startDiagram } from './view/diagram.js';
import { byId } from './view/dom.js';
import { EventList } from './view/event-list.js';
import { showNow } from './view/now.js';
import { Scrubber } from './view/scrubber.js';
import { showVerdict } from './view/verdict.js';

/** @import { Step } from './model/player.js' */

/** The least real time in milliseconds for which a message is visible while playing. */
const SEEN_MS = 400;
/** Virtual milliseconds before and after a violation that are shown when going there. */
const AROUND_MS = 12;
/** A longer pause between two frames does not count as playing: the page was not visible. */
const LONGEST_FRAME_MS = 250;

/** @param {Run} run */
function start(run) {
  const player = new Player(run.timeline);
  const topology = /** @type {SVGSVGElement} */ (/** @type {Element} */ (document.getElementById('topology')));
  const play = byId('play', HTMLButtonElement);
  const detail = new Detail(run.events);
  const list = new EventList(run.events, goTo);
  const scrubber = new Scrubber(run, seek);
  const { diagram, zoom } = startDiagram(run, {
    onPick: goTo,
    onSeek: seek,
    onChange: changed,
    now: () => player.at,
  });
  let isDue = false;
  let lastMs = 0;

  function draw() {
    const { at, place, isPlaying, speed } = player;
    const state = run.timeline.stateAfter(place);
    const current = isPlaying ? undefined : run.messages.byEvent.get(place);
    const stretchMs = isPlaying && Number.isFinite(speed) ? SEEN_MS * speed : 0;
    const messages = run.messages.between(at - stretchMs, at);
    drawTopology(topology, sceneOf(state, messages, { at, stretchMs, current }));
    showNow(state);
    list.follow(place);
    detail.show(place, isPlaying);
    scrubber.show(at);
    if (isFollowing()) diagram.follow(at);
    diagram.draw({ at, state, chosen: current });
    byId('clock', HTMLElement).textContent = `${(at / 1_000).toFixed(4)} of ${timeInWords(run.endAt, 1)}`;
    play.textContent = isPlaying ? 'Pause' : 'Play';
    byId('pace', HTMLElement).textContent =
      isPlaying && speed >= 0.003 ? 'quick messages are shown longer than they take' : '';
  }

  /** @param {number} nowMs */
  function frame(nowMs) {
    isDue = false;
    player.pass(Math.min(LONGEST_FRAME_MS, nowMs - lastMs));
    lastMs = nowMs;
    draw();
    if (player.isPlaying) changed();
    else remember(player.at);
  }

  function changed() {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(frame);
  }

  /** @param {number} place */
  function goTo(place) {
    player.pause();
    player.goTo(place);
    changed();
  }

  /** @param {number} at */
  function seek(at) {
    player.seek(at);
    changed();
  }

  /** @param {number} speed */
  function setSpeed(speed) {
    player.speed = speed;
    if (isFollowing()) diagram.pace(speed, player.at);
    changed();
  }

  function toggle() {
    if (player.isPlaying) player.pause();
    else {
      player.play();
      if (isFollowing()) diagram.pace(player.speed, player.at);
      lastMs = performance.now();
    }
    changed();
  }

  /**
   * @param {Step} step
   * @param {1 | -1} direction
   */
  function step(step, direction) {
    player.pause();
    player.step(step, direction);
    changed();
  }

  listenToControls(
    { toggle, step, toStart: () => goTo(0), toEnd: () => goTo(run.events.length - 1), zoom, setSpeed },
    player.speed,
  );
  player.seek(remembered() ?? 0);
  return {
    draw: changed,
    goToViolation: (/** @type {number} */ place) => {
      goTo(place);
      diagram.lookAt(player.at, AROUND_MS);
    },
  };
}

/** Keeps the moment in the address, so that a link to the page is a link to the moment. @param {number} at */
function remember(at) {
  history.replaceState(null, '', at === 0 ? location.pathname : `#${at}`);
}

function remembered() {
  const at = Number(location.hash.slice(1));
  return location.hash !== '' && Number.isFinite(at) ? at : undefined;
}

async function main() {
  const what = byId('what', HTMLElement);
  try {
    const summary = await loadSummary();
    const events = await loadEvents(summary, (loaded) => {
      what.textContent = `loading the trace: ${Math.floor((100 * loaded) / summary.events)} %`;
    });
    const run = new Run(events);
    byId('replay', HTMLElement).hidden = false;
    byId('transport', HTMLElement).hidden = false;
    const { draw, goToViolation } = start(run);
    showVerdict(summary, run, goToViolation);
    draw();
  } catch (error) {
    what.textContent = '';
    byId('missing', HTMLElement).hidden = false;
    byId('missing', HTMLElement).textContent =
      `The trace cannot be played: ${error instanceof Error ? error.message : error}`;
  }
}

void main();
