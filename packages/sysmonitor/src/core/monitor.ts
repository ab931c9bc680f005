/**
 * The monitor's core: pings and ticks go in, views and notices come out. It does no I/O; the caller passes the time.
 */
import type { UnderstudyError } from '@understudy/rpc';
import type { Cause } from '../cause.ts';
import { NO_VIEW, type Ping, type View } from '../contract.ts';
import type { MonitorNotice } from '../notice.ts';
import type { MonitorStatus } from '../status.ts';
import { changeAt } from './change.ts';
import { ClockWatch } from './clock-watch.ts';
import type { MonitorCoreOptions } from './core-options.ts';
import { claimsMore, isDisproved, isDoubtful, isOfStrangers, type MonitorDoubt } from './doubt.ts';
import { History } from './history.ts';
import { checkSuccession, checkTenure } from './invariants.ts';
import { clusterOf, Recovery } from './recovery.ts';
import { notOurs, recovering, replacedBy, tooManyServers, unconfirmed } from './refusal.ts';
import { Roster } from './roster.ts';
import { acknowledges, isReplaced, isStale, losesData, runOf } from './rules.ts';
import { type MonitorState, seatOf, type Tenure } from './state.ts';
import { type Facts, statusOf, waitingOf } from './status.ts';
import { acknowledged, firstTenure, rebuiltTenure, reported, succeed } from './view.ts';
import { Watch } from './watch.ts';

/** The answer to one ping, and the notices that the ping caused. */
export interface PingOutcome {
  readonly answer: Answer;
  readonly notices: readonly MonitorNotice[];
}

export type Answer =
  /** `alone`, in the answer to a ping: the monitor knows no other server that is alive and not leaving (V14). */
  | { readonly kind: 'view'; readonly view: View; readonly alone?: true }
  /** RECOVERING, CONFLICTING_SERVER or OVERLOADED; INVALID_PARAMS for a ping whose claim was not confirmed. */
  | { readonly kind: 'failure'; readonly failure: UnderstudyError };

export class MonitorCore {
  readonly #backups: number;
  readonly #deadAfterMs: number;
  readonly #newClusterId: string;
  /**
   * The number of clusters begun so far. Above 1 if a server with a secret ended a cluster that strangers had begun.
   */
  #begun = 0;
  readonly #roster: Roster;
  readonly #history = new History();
  readonly #watch = new Watch();
  readonly #clockWatch: ClockWatch;
  #tenure: Tenure | undefined;
  /** Present exactly while there is no tenure. */
  #recovery: Recovery | undefined;
  #notices: MonitorNotice[] = [];
  /** The state that the getter `state` returned last. */
  #kept: { readonly tenure?: Tenure; readonly state?: MonitorState } = {};

  constructor(options: MonitorCoreOptions) {
    const { backups, pingInterval, deadPings, newCluster, recover = false, newClusterId, state, now } = options;
    this.#backups = backups;
    this.#deadAfterMs = deadPings * pingInterval;
    this.#newClusterId = newClusterId;
    this.#roster = new Roster(this.#deadAfterMs, now, state?.runs, options.maxServers);
    this.#clockWatch = new ClockWatch(pingInterval, deadPings, now);
    if (state !== undefined && !recover) {
      this.#tenure = state;
    } else {
      const listenMs = newCluster ? 0 : this.#deadAfterMs;
      const known = state?.view;
      const deadAfterMs = this.#deadAfterMs;
      this.#recovery = new Recovery({ now, listenMs, deadAfterMs, known, expected: recover });
    }
  }

  /** viewnum 0 unless the monitor decides about views now. */
  get view(): View {
    return this.#tenure?.view ?? NO_VIEW;
  }

  /** The state to save (V9). It is the same object until something in it changes; undefined while there is no view. */
  get state(): MonitorState | undefined {
    if (this.#tenure === undefined) return undefined;
    const { runs } = this.#roster;
    if (this.#kept.tenure !== this.#tenure || this.#kept.state?.runs !== runs) {
      const { view, acknowledged: isAcknowledged, safe, seats } = this.#tenure;
      this.#kept = { tenure: this.#tenure, state: { view, acknowledged: isAcknowledged, safe, seats, runs } };
    }
    return this.#kept.state;
  }

  /** The port is open: the monitor hears servers from now on, and heard none before (V10, V12). */
  opened(now: number): void {
    this.#recovery?.wasDeaf(-Infinity, now);
    this.#roster.countAllAsHeard(now);
  }

  ping(ping: Ping, now: number): PingOutcome {
    this.#passTime(now);
    const answer = this.#take(ping, now);
    this.#observe(now, [ping.server]);
    return { answer, notices: this.#drain() };
  }

  /**
   * Returns a doubt if this ping claims something that the named server must confirm at its address before the caller
   * may pass it to `ping`. Call this for every ping. While a claim about an earlier cluster is checked, no new cluster
   * is begun.
   */
  doubts(ping: Ping, now: number): MonitorDoubt | undefined {
    const view = this.#tenure?.view;
    if (!isDoubtful(ping, this.#roster, view)) return undefined;
    if (claimsMore(ping, view)) this.#recovery?.suspect(now + 2 * this.#deadAfterMs);
    return { isKnown: this.#roster.find(ping.server)?.hasSecret === true };
  }

  /** The server did not confirm the claim, so the ping changes nothing. */
  refuse(ping: Ping): PingOutcome {
    return { answer: { kind: 'failure', failure: unconfirmed(ping) }, notices: [] };
  }

  /** Call this every ping interval. A tick never changes the view (V8); it only produces notices. */
  tick(now: number): readonly MonitorNotice[] {
    this.#passTime(now);
    const servers = this.#roster.servers.map(({ server }) => server);
    this.#observe(now, servers);
    return this.#drain();
  }

  /** Answers a client that asks for the view: RECOVERING if the monitor lost a view, view 0 if there may be none. */
  answerView(now: number): Answer {
    const recovery = this.#recovery;
    if (recovery?.aware === true) return { kind: 'failure', failure: recovering(recovery, now) };
    return { kind: 'view', view: this.view };
  }

  /** (V12) An operator's command. False if the monitor waits for no reports, or this server reported no data. */
  overrule(server: string): boolean {
    if (this.#recovery === undefined || !this.#recovery.holders.includes(server)) return false;
    this.#recovery.overrule(server);
    return true;
  }

  status(now: number): MonitorStatus {
    return statusOf(this.#facts(now), this.#history.told(now));
  }

  #take(ping: Ping, now: number): Answer {
    const known = this.#roster.find(ping.server);
    if (isReplaced(known, ping)) return this.#refuseReplaced(ping, known?.incarnation ?? '');
    if (ping.secret !== undefined && isOfStrangers(this.#tenure, this.#roster)) this.#listenAnew(now, undefined);
    const foreign = this.#refuseForeign(ping, now);
    if (foreign !== undefined) return foreign;
    if (known === undefined && !this.#roster.makeRoom(this.#members, now, ping.secret !== undefined)) {
      return { kind: 'failure', failure: tooManyServers(this.#deadAfterMs) };
    }
    if (!isStale(known, ping)) {
      this.#hear(ping, now);
      if (this.#recovery !== undefined) this.#recover(this.#recovery, ping, now);
      else if (this.#tenure !== undefined) this.#lead(this.#tenure, ping, now);
    }
    return this.#answer(ping, now);
  }

  get #members(): readonly string[] {
    return this.#tenure?.seats.map((seat) => seat.server) ?? [];
  }

  #answer(ping: Ping, now: number): Answer {
    const recovery = this.#recovery;
    // While the monitor listens, a ping 0 gets view 0: that is true so far, and a loss of data must be heard (V2).
    const early = ping.viewnum === 0 && now < (recovery?.listensUntil ?? 0);
    if (recovery?.aware === true && !early) return { kind: 'failure', failure: recovering(recovery, now) };
    if (this.#roster.hasCompany(ping.server, now)) return { kind: 'view', view: this.view };
    return { kind: 'view', view: this.view, alone: true };
  }

  /**
   * (V12) A ping of a later view of the same cluster shows that this state is old: the monitor stops deciding, unless
   * the members of its view disprove the claim. Others are refused.
   */
  #refuseForeign(ping: Ping, now: number): Answer | undefined {
    if (this.#tenure === undefined) return undefined;
    const { viewnum, cluster } = this.#tenure.view;
    const theirs = clusterOf(ping);
    const sameCluster = theirs === undefined || theirs === cluster;
    const told = Math.max(ping.viewnum, ping.view?.viewnum ?? 0);
    if (sameCluster && told <= viewnum) return undefined;
    if (sameCluster && theirs !== undefined && !isDisproved(ping, this.#tenure, this.#roster, now)) {
      this.#listenAnew(now, this.#tenure.view);
      return undefined;
    }
    this.#note({ kind: 'foreign', server: ping.server, viewnum: told, cluster: theirs ?? null });
    return { kind: 'failure', failure: notOurs(ping, told, theirs, this.#tenure.view) };
  }

  /** Drops the view and starts recovery. `known` is an earlier view, if any. */
  #listenAnew(now: number, known: View | undefined): void {
    const deadAfterMs = this.#deadAfterMs;
    this.#recovery = new Recovery({ now, listenMs: deadAfterMs, deadAfterMs, known });
    this.#tenure = undefined;
  }

  /** (V11) Refuses a ping of an incarnation that a newer one has replaced. */
  #refuseReplaced(ping: Ping, newest: string): Answer {
    this.#note({ kind: 'conflict', server: ping.server, incarnation: runOf(ping), newest });
    return { kind: 'failure', failure: replacedBy(newest, ping) };
  }

  #hear(ping: Ping, now: number): void {
    const deafForMs = this.#clockWatch.deafForMs(now);
    if (deafForMs > 0) this.#startSilenceAnew({ kind: 'deaf', forMs: deafForMs }, now);
    this.#roster.hear(ping, now);
  }

  /** (V1, V12) Begins the first view, or rebuilds a lost one, if this ping allows it. */
  #recover(recovery: Recovery, ping: Ping, now: number): void {
    recovery.hear(ping, now);
    const candidate = { server: ping.server, incarnation: runOf(ping), position: ping.position };
    const complete = recovery.completedBy(ping, now);
    if (complete !== undefined) {
      const { highest, cluster, without } = complete;
      const overruled = without.length === 0 ? {} : { without };
      const cause: Cause = { kind: 'rebuilt', server: ping.server, viewnum: highest.viewnum, ...overruled };
      this.#begin(rebuiltTenure(highest, candidate, cluster), cause, now);
    } else if (recovery.mayBegin(ping, now, this.#roster.showsSecrets)) {
      this.#begin(firstTenure(candidate, this.#nextClusterId()), { kind: 'first-server', server: ping.server }, now);
    }
  }

  /** (V1) A new id for each cluster. If two clusters had one id, the same viewnum would be given twice (V8). */
  #nextClusterId(): string {
    this.#begun += 1;
    return this.#begun === 1 ? this.#newClusterId : `${this.#newClusterId}-${this.#begun}`;
  }

  #begin(tenure: Tenure, cause: Cause, now: number): void {
    checkTenure(tenure);
    this.#recovery = undefined;
    this.#tenure = tenure;
    this.#changed(tenure.view, [cause], now);
  }

  /** First takes what the ping reports (V2, V7), then makes the change that the ping allows (V4, V5, V6, V11). */
  #lead(before: Tenure, ping: Ping, now: number): void {
    const seat = seatOf(before, ping.server);
    let tenure = seat === undefined ? before : reported(before, seat, ping, losesData(seat, ping));
    if (acknowledges(tenure, ping)) {
      tenure = acknowledged(tenure);
      this.#notices.push({ kind: 'acknowledged', view: tenure.view });
    }
    const change = changeAt({ tenure, roster: this.#roster, now }, ping, this.#backups);
    if (change !== undefined) tenure = succeed(tenure, change.members);
    if (tenure === before) return;
    checkTenure(tenure);
    checkSuccession(before, tenure);
    this.#tenure = tenure;
    if (change !== undefined) this.#changed(tenure.view, change.causes, now);
  }

  #changed(view: View, causes: readonly Cause[], now: number): void {
    for (const cause of causes) {
      if (cause.kind === 'backup-unreachable') this.#roster.absences.begin(cause.server, now, cause.waitMs);
    }
    this.#history.add({ view, causes, at: now });
    this.#notices.push({ kind: 'view', view, causes });
  }

  #passTime(now: number): void {
    const pausedForMs = this.#clockWatch.pausedForMs(now);
    if (pausedForMs === 0) return;
    this.#recovery?.wasDeaf(now - pausedForMs, now);
    this.#startSilenceAnew({ kind: 'paused', forMs: pausedForMs }, now);
  }

  /** (V10) Counts every server as heard now. */
  #startSilenceAnew(reason: MonitorNotice, now: number): void {
    this.#roster.countAllAsHeard(now);
    if (this.#roster.servers.length > 0) this.#notices.push(reason);
  }

  #facts(now: number): Facts {
    const [tenure, recovery, roster] = [this.#tenure, this.#recovery, this.#roster];
    return { view: this.view, tenure, recovery, roster, backupsWanted: this.#backups, now };
  }

  #observe(now: number, servers: readonly string[]): void {
    const facts = this.#facts(now);
    this.#notices.push(...this.#watch.servers(facts, servers), ...this.#watch.waiting(waitingOf(facts)));
  }

  #note(notice: MonitorNotice): void {
    this.#notices.push(...this.#watch.once(notice));
  }

  #drain(): readonly MonitorNotice[] {
    const notices = this.#notices;
    this.#notices = [];
    return notices;
  }
}
