/** A stage on which replicas are driven by hand: every message waits until it is delivered, every clock until it is moved. */

import { type Identity, NO_VIEW, type Ping, type View } from '@understudy/sysmonitor';
import { DEFAULT_LIMITS, type Limits } from '../../../packages/kvservice/src/core/config.ts';
import type { Effect } from '../../../packages/kvservice/src/core/effect.ts';
import type { Event } from '../../../packages/kvservice/src/core/event.ts';
import type { Answer, Message, PeerMessage } from '../../../packages/kvservice/src/core/message.ts';
import type { Restored } from '../../../packages/kvservice/src/core/persistence.ts';
import { Replica } from '../../../packages/kvservice/src/core/replica.ts';

export interface Letter {
  readonly from: string;
  readonly to: string;
  /** The runs of both, where runs come and go; for whoever drives the stage. */
  runs?: string;
  /** A second copy: nobody waits for its answer. */
  readonly twice?: boolean;
  readonly content: { readonly message: Message } | { readonly answer: Answer; readonly number: number };
}

export interface StageOptions {
  readonly limits?: Partial<Limits>;
  readonly minBackups?: number;
  /** What each server may hold; Infinity unless set. */
  readonly maxBytes?: Readonly<Record<string, number>>;
}

export class Stage {
  now = 1000;
  readonly mail: Letter[] = [];
  readonly #replicas = new Map<string, Replica>();
  /** Whether a server that asks the monitor is answered. */
  monitorAnswers = true;
  /** The newest that it told anybody. */
  #monitorView: View = NO_VIEW;
  readonly #limits: Limits;
  readonly #minBackups: number;
  readonly #maxBytes: Readonly<Record<string, number>>;

  constructor(options: StageOptions = {}) {
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#minBackups = options.minBackups ?? 0;
    this.#maxBytes = options.maxBytes ?? {};
  }

  /** Starts a run of a server, blank or with what is on its disk; `run` tells its incarnation from former ones. */
  start(server: string, run = 1, disk?: Restored): void {
    const config = {
      server,
      incarnation: `${server}#${run}`,
      secret: `secret of ${server}#${run}`,
      priority: 0,
      minBackups: this.#minBackups,
      pingIntervalMs: 100,
      deadPings: 5,
      leaveTimeoutMs: 10_000,
      leaseMs: 200,
      sessionTtlMs: 60_000,
      maxBytes: this.#maxBytes[server] ?? Infinity,
      limits: this.#limits,
    };
    this.#replicas.set(server, new Replica(config, disk));
  }

  replica(server: string): Replica {
    const replica = this.#replicas.get(server);
    if (replica === undefined) throw new Error(`no server ${server} on this stage`);
    return replica;
  }

  report(server: string): Omit<Ping, 'seq'> {
    const report = this.replica(server).report();
    if (report === undefined) throw new Error(`${server} says nothing yet`);
    return report;
  }

  /** The monitor answers a ping of that server. `alone`: it knows of no other one that stays. */
  pinged(server: string, view: View, alone = false): readonly Effect[] {
    return this.step(server, { kind: 'pinged', viewnum: this.report(server).viewnum, view, alone });
  }

  /** The monitor has given this view, and told nobody yet. */
  monitorKnows(view: View): void {
    this.#monitorView = view;
  }

  /** Gives an event to a server; what it sends waits in the mail. */
  step(server: string, event: Event): readonly Effect[] {
    if (event.kind === 'pinged' && event.view.viewnum > this.#monitorView.viewnum) this.#monitorView = event.view;
    const effects = this.replica(server).step(event, { now: this.now, wall: 1_000_000 + this.now });
    this.#post(server, effects);
    return [...effects, ...effects.flatMap((effect) => this.#answerQuestion(server, effect))];
  }

  /** The monitor, and whoever is asked at its address, answers at once. */
  #answerQuestion(asker: string, effect: Effect): readonly Effect[] {
    if (effect.kind === 'ask-monitor') {
      const view = this.monitorAnswers ? this.#monitorView : undefined;
      return this.step(asker, { kind: 'monitor-told', number: effect.number, view });
    }
    if (effect.kind !== 'ask-server') return [];
    const replica = this.#replicas.get(effect.server);
    const identity = replica === undefined ? this.#absent(effect) : replica.identity(effect.secret);
    return this.step(asker, { kind: 'server-told', number: effect.number, identity });
  }

  /** A server that is not on the stage, but in a view, is what it says. */
  #absent({ server, secret }: { readonly server: string; readonly secret: string }): Identity {
    return { server, incarnation: secret.replace(/^secret of /, ''), view: this.#monitorView, isOwnSecret: true };
  }

  #post(server: string, effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'send') this.mail.push({ from: server, to: effect.to, content: { message: effect.message } });
      if (effect.kind === 'answer') {
        const { from, number } = effect.requester as { from: string; number: number };
        this.mail.push({ from: server, to: from, content: { answer: effect.answer, number } });
      }
      const requester =
        effect.kind === 'leased' ? effect.read.requester : 'requester' in effect ? effect.requester : undefined;
      if ('result' in effect && isPeer(requester)) {
        const answer = { kind: 'position', ...effect.result } as Answer;
        this.mail.push({ from: server, to: requester.from, content: { answer, number: requester.number } });
      }
    }
  }

  /** Takes the oldest letter on that way out of the mail. */
  take(from: string, to: string): Letter {
    const index = this.mail.findIndex((letter) => letter.from === from && letter.to === to);
    const [letter] = index < 0 ? [] : this.mail.splice(index, 1);
    if (letter === undefined) throw new Error(`no mail from ${from} to ${to}`);
    return letter;
  }

  /** Brings a letter to its receiver. */
  deliver({ from, to, content }: Letter): readonly Effect[] {
    if ('answer' in content)
      return this.step(to, { kind: 'answer', from, number: content.number, answer: content.answer });
    const { message } = content;
    const requester = { from, number: message.number };
    if (message.kind === 'position') return this.step(to, { kind: 'read', requester, query: { kind: 'position' } });
    return this.step(to, { kind: 'message', requester, message: overTheWire(message) });
  }

  /** Loses a letter: whoever sent the message hears nothing. */
  lose({ from, to, content, twice }: Letter): readonly Effect[] {
    if (twice === true) return [];
    if ('message' in content) return this.step(from, { kind: 'unanswered', to, number: content.message.number });
    return this.step(to, { kind: 'unanswered', to: from, number: content.number });
  }

  /** Ends turns and brings letters, oldest first, until nothing moves any more. */
  settle(among: readonly string[] = [...this.#replicas.keys()]): readonly Effect[] {
    const effects: Effect[] = [];
    for (let rounds = 0; rounds < 1000; rounds++) {
      for (const server of among) effects.push(...this.step(server, { kind: 'turn-end' }));
      const index = this.mail.findIndex(({ from, to }) => among.includes(from) && among.includes(to));
      const [letter] = index < 0 ? [] : this.mail.splice(index, 1);
      if (letter === undefined) return effects;
      effects.push(...this.deliver(letter));
    }
    throw new Error('the stage does not come to rest');
  }
}

/** What every message of the first run of a server says of its sender. */
export function senderOf(server: string) {
  return { server, incarnation: `${server}#1`, secret: `secret of ${server}#1`, cluster: 'cluster', to: '' } as const;
}

/** Nothing is shared between servers. */
function overTheWire(message: PeerMessage): PeerMessage {
  return JSON.parse(JSON.stringify(message)) as PeerMessage;
}

function isPeer(requester: unknown): requester is { from: string; number: number } {
  return typeof requester === 'object' && requester !== null && 'from' in requester;
}

/** A view with the first runs of its servers in their seats; `runs` names others. */
export function viewOf(
  viewnum: number,
  primary: string,
  backups: readonly string[] = [],
  syncing: readonly string[] = [],
  runs: Readonly<Record<string, number>> = {},
): View {
  const incarnations: Record<string, string> = {};
  for (const server of [primary, ...backups]) incarnations[server] = `${server}#${runs[server] ?? 1}`;
  return { viewnum, primary, backups, syncing, cluster: 'cluster', incarnations };
}

/** A primary A and a backup B in an acknowledged view 2; C has started too, and has no seat. */
export function pair(options: StageOptions = {}): Stage {
  const stage = new Stage(options);
  for (const server of ['A', 'B', 'C']) {
    stage.start(server);
    stage.pinged(server, viewOf(1, 'A'));
  }
  stage.settle();
  for (const server of ['A', 'B']) stage.pinged(server, viewOf(2, 'A', ['B'], ['B']));
  stage.settle();
  for (const server of ['A', 'B']) stage.pinged(server, viewOf(2, 'A', ['B']));
  return stage;
}
