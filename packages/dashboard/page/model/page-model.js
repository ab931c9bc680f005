/**
 * The model's public interface: everything that nodes report goes in here, and everything that views show comes out. It
 * uses neither a clock nor the DOM.
 */
import { clusterAt, clusterFromHistory, isLive } from './cluster.js';
import { EventList } from './events.js';
import { Memory, sameMomentIn } from './memory.js';
import { applyNotice, applySample, newNode } from './node.js';
import { Rates } from './rates.js';
import { TransferCourses } from './transfers.js';
import { verdictOn } from './verdict.js';
import { ViewTimeline } from './views.js';

/** @import { Hello, Notice, Sample } from '../../src/feed.ts' */
/** @import { Cluster, NodeState, PageTime, Verdict } from './state.d.ts' */
/** @import { Cause, View } from './status.d.ts' */

/** Clocks closer together than this count as one, so that the order of events on several nodes is kept. */
const SAME_CLOCK_MS = 250;

export class PageModel {
  rates = new Rates();
  events = new EventList();
  timeline = new ViewTimeline();
  #memory = new Memory();
  #courses = new TransferCourses();
  /** @type {Map<string, NodeState>} */
  #nodes = new Map();
  /**
   * The least delay between an event's own time and its arrival, which is added to the node's clock.
   * @type {Map<string, number>}
   */
  #offsets = new Map();
  /** @type {string | undefined} */
  #chaos;

  /** @returns {readonly NodeState[]} */
  get nodes() {
    return [...this.#nodes.values()];
  }

  /** The address of the control of a local cluster, if there is one. */
  get chaos() {
    return this.#chaos;
  }

  /** The start of the memory. For moments before it, only the timeline is known. */
  get since() {
    return this.#memory.since;
  }

  /**
   * A connection to this node is being made.
   * @param {string} node
   * @param {PageTime} at
   */
  connecting(node, at) {
    if (!this.#nodes.has(node)) this.#nodes.set(node, newNode(node, at));
  }

  /** The node has another name. @param {string} node */
  forget(node) {
    this.#nodes.delete(node);
  }

  /**
   * The connection ended, or could not be made.
   * @param {string} node
   * @param {PageTime} at
   */
  lost(node, at) {
    const known = this.#nodes.get(node);
    if (known === undefined || known.link === 'lost') return;
    this.#nodes.set(node, { ...known, link: 'lost', linkSince: at });
    this.#memory.keep(at, this.nodes, true);
  }

  /**
   * @param {string} node the name under which it was asked
   * @param {Hello} hello
   * @param {PageTime} at
   */
  hello(node, hello, at) {
    this.#offsets.set(node, at - hello.now);
    const known = this.#nodes.get(node) ?? newNode(node, at);
    const { kind, since, pingIntervalMs, deadPings } = hello;
    this.#nodes.set(node, {
      ...known,
      kind,
      since,
      pingIntervalMs,
      deadPings,
      link: 'open',
      linkSince: at,
      heardAt: at,
    });
    if (hello.chaos !== undefined) this.#chaos = hello.chaos;
    for (const other of hello.nodes) this.#isOf(hello.monitors.includes(other) ? 'monitor' : 'server', other, at);
    for (const notice of hello.history) this.#note(node, notice);
    this.#memory.keep(at, this.nodes, true);
  }

  /**
   * @param {string} node
   * @param {Notice} notice
   * @param {PageTime} at
   */
  notice(node, notice, at) {
    const known = this.#nodes.get(node);
    if (known === undefined) return;
    this.#compareClocks(node, notice.at, at);
    this.#note(node, notice);
    this.#nodes.set(node, applyNotice(known, notice.notice, at));
    this.#memory.keep(at, this.nodes, notice.notice.kind === 'view' || notice.notice.kind === 'acknowledged');
  }

  /**
   * @param {string} node
   * @param {Sample} sample
   * @param {PageTime} at
   */
  sample(node, sample, at) {
    const known = this.#nodes.get(node);
    if (known === undefined) return;
    this.#compareClocks(node, sample.at, at);
    const sampledAt = this.#toPageTime(node, sample.at);
    const next = applySample(known, sample, sampledAt, at);
    this.#nodes.set(node, next);
    if (sample.kind === 'server' && next.server !== undefined) {
      const { counters } = /** @type {{ counters: Readonly<Record<string, number>> }} */ (sample.status);
      const duplicates = counters.duplicatesAnswered ?? 0;
      this.rates.add(node, { at: sampledAt, since: next.since ?? 0, calls: sample.calls, duplicates });
      this.#courses.sampled(next);
    }
    if (next.server !== undefined) this.timeline.began(next.server.view, sampledAt, []);
    if (next.monitor !== undefined && sample.kind === 'monitor') this.#fromStatus(next.monitor, sampledAt);
    this.#memory.keep(at, this.nodes);
  }

  /**
   * Other nodes know the kind of this node before the node reports it, or if it never can.
   * @param {'monitor' | 'server'} kind
   * @param {string} node
   * @param {PageTime} at
   */
  #isOf(kind, node, at) {
    const known = this.#nodes.get(node) ?? newNode(node, at);
    if (known.kind === undefined) this.#nodes.set(node, { ...known, kind });
  }

  /**
   * The cluster as it is now, or as it was at `moment`.
   * @param {PageTime} now
   * @param {PageTime} [moment]
   * @returns {Cluster}
   */
  clusterAt(now, moment) {
    const at = moment ?? now;
    const entry = this.timeline.holdingAt(at);
    if (moment === undefined) return this.#cluster(this.nodes, at, entry);
    const snapshot = this.#memory.at(at);
    const isBefore = snapshot === undefined || snapshot.at > at;
    if (isBefore && entry !== undefined) return clusterFromHistory(entry, at);
    return this.#cluster(snapshot?.nodes ?? [], snapshot === undefined ? at : sameMomentIn(snapshot, at), entry);
  }

  /**
   * @param {Cluster} cluster
   * @param {PageTime} [moment]
   * @returns {Verdict}
   */
  verdictOn(cluster, moment) {
    const nodes = (moment === undefined ? this.nodes : (this.#memory.at(moment)?.nodes ?? [])).filter(
      ({ kind }) => kind !== 'control',
    );
    const open = nodes.filter((node) => isLive(node, cluster.at)).length;
    return verdictOn(cluster, {
      known: nodes.length,
      open,
      heardAny: nodes.some(({ heardAt }) => heardAt !== undefined),
    });
  }

  /**
   * @param {readonly NodeState[]} nodes
   * @param {PageTime} at
   * @param {import('./state.d.ts').ViewEntry | undefined} entry
   */
  #cluster(nodes, at, entry) {
    return clusterAt({ nodes, at, entry, paceOf: (from, to) => this.#courses.paceOf(from, to) });
  }

  /**
   * @param {string} node
   * @param {Notice} notice
   */
  #note(node, { at, seq, level, text, notice }) {
    const happenedAt = this.#toPageTime(node, at);
    const { since, kind: nodeKind } = /** @type {NodeState} */ (this.#nodes.get(node));
    this.events.add({ id: `${node} ${since} ${seq}`, at: happenedAt, node, level, kind: notice.kind, text });
    const { kind, view, causes, viewnum } =
      /** @type {{ kind: string, view?: View, causes?: Cause[], viewnum?: number }} */ (notice);
    if (nodeKind !== 'monitor' && nodeKind !== 'server') return;
    if ((kind === 'view' || kind === 'restored') && view !== undefined)
      this.timeline.began(view, happenedAt, causes ?? []);
    if (kind === 'acknowledged') this.timeline.acknowledged(view?.viewnum ?? viewnum ?? 0, happenedAt);
  }

  /**
   * A restarted monitor has no notices from before its start, so its view is taken from its status.
   * @param {import('./status.d.ts').MonitorStatus} status
   * @param {PageTime} sampledAt
   */
  #fromStatus({ view, acknowledged }, sampledAt) {
    this.timeline.began(view, sampledAt, []);
    if (acknowledged) this.timeline.acknowledged(view.viewnum, sampledAt);
  }

  /**
   * A message with a long delay says little about a clock, so the quickest one counts.
   * @param {string} node
   * @param {number} told on its clock
   * @param {PageTime} at
   */
  #compareClocks(node, told, at) {
    this.#offsets.set(node, Math.min(this.#offsets.get(node) ?? Number.POSITIVE_INFINITY, at - told));
  }

  /**
   * @param {string} node
   * @param {number} at on its clock
   */
  #toPageTime(node, at) {
    const offset = this.#offsets.get(node) ?? 0;
    return Math.abs(offset) < SAME_CLOCK_MS ? at : at + offset;
  }
}
