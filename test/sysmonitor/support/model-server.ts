/** A server as the rules want it, in a few lines: a log, the views it learned and fulfilled, and pings that say so. */
import type { Ping, View } from '@understudy/sysmonitor';

export interface Entry {
  readonly viewnum: number;
  readonly id: number;
}

export class ModelServer {
  readonly server: string;
  alive = true;
  /** Counts the runs of this server, under all of its names. */
  run = 1;
  log: readonly Entry[] = [];
  /** The highest view fulfilled (V7); 0: no data. */
  fulfilled = 0;
  view: View | undefined;
  /** Of the present view: entries that each backup was seen to hold. */
  verified = new Map<string, number>();
  /** Of the present view: the backups that count (R4). */
  counting = new Set<string>();
  leaving = false;
  #seq = 0;

  constructor(server: string) {
    this.server = server;
  }

  get incarnation(): string {
    return `run-${String(this.run).padStart(6, '0')}`;
  }

  /** May act as primary of the view that it knows (R8). */
  get acts(): boolean {
    const { view } = this;
    return (
      this.alive &&
      view !== undefined &&
      view.primary === this.server &&
      view.incarnations?.[this.server] === this.incarnation &&
      (this.fulfilled > 0 || view.viewnum === 1)
    );
  }

  ping(lost: readonly string[]): Ping {
    const last = this.log.at(-1);
    this.#seq += 1;
    return {
      server: this.server,
      viewnum: this.fulfilled,
      incarnation: this.incarnation,
      seq: this.#seq,
      ...(this.view?.cluster === undefined ? {} : { cluster: this.view.cluster }),
      ...(last === undefined ? {} : { position: { viewnum: last.viewnum, index: this.log.length } }),
      ...(this.fulfilled === 0 || this.view === undefined ? {} : { view: this.view }),
      ...(lost.length === 0 ? {} : { lost }),
      ...(this.leaving ? { leaving: true } : {}),
    };
  }

  learn(view: View): void {
    if (view.viewnum < (this.view?.viewnum ?? 1)) return;
    const isNewer = view.viewnum > (this.view?.viewnum ?? 0);
    this.view = view;
    if (!isNewer) return;
    this.verified = new Map();
    this.counting = new Set(view.backups.filter((backup) => !view.syncing.includes(backup)));
    if (this.acts) this.log = [...this.log, { viewnum: view.viewnum, id: 0 }]; // (R6)
    if (this.acts) this.#fulfil();
  }

  write(id: number): void {
    if (this.acts) this.log = [...this.log, { viewnum: this.view?.viewnum ?? 0, id }];
  }

  /** The backup takes over the primary's log, if it is one of this very view, or of an older one (R3). */
  replicateTo(backup: ModelServer): void {
    const { view } = this;
    if (!this.acts || view === undefined || !backup.alive || !view.backups.includes(backup.server)) return;
    if ((backup.view?.viewnum ?? 0) > view.viewnum || view.incarnations?.[backup.server] !== backup.incarnation) return;
    backup.learn(view);
    backup.log = this.log;
    backup.fulfilled = view.viewnum;
    this.verified.set(backup.server, this.log.length);
    this.counting.add(backup.server);
    this.#fulfil();
  }

  /** What is committed by now, as far as this primary knows (R4, R6). */
  committed(): readonly Entry[] {
    if (!this.acts) return [];
    const held = [...this.counting].map((backup) => this.verified.get(backup) ?? 0);
    const upTo = Math.min(this.log.length, ...held);
    const own = this.log[upTo - 1]?.viewnum === this.view?.viewnum;
    return own ? this.log.slice(0, upTo) : [];
  }

  /** Backups of the view that were not heard in it. */
  unheard(): readonly string[] {
    return this.acts ? (this.view?.backups ?? []).filter((backup) => !this.verified.has(backup)) : [];
  }

  restart(withData: boolean): void {
    this.alive = true;
    this.leaving = false;
    this.run += 1;
    this.#seq = 0;
    this.verified = new Map();
    this.counting = new Set();
    if (withData) return;
    this.log = [];
    this.fulfilled = 0;
    this.view = undefined;
  }

  #fulfil(): void {
    const { view } = this;
    if (view === undefined || view.backups.some((backup) => !this.verified.has(backup))) return;
    this.fulfilled = view.viewnum;
    this.view = { ...view, syncing: [] };
  }
}
