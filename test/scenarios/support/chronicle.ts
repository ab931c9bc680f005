/** What monitors and servers said while a scenario ran, and what must be true of it. */
import type { ServerNotice } from '@understudy/kvservice';
import type { Cause, MonitorNotice, View } from '@understudy/sysmonitor';
import { expect } from 'chai';

export interface ViewChange {
  /** Virtual milliseconds. */
  readonly at: number;
  readonly view: View;
  readonly causes: readonly Cause[];
}

export interface Said {
  readonly at: number;
  readonly server: string;
  readonly notice: ServerNotice;
}

export class Chronicle {
  readonly changes: ViewChange[] = [];
  readonly said: Said[] = [];
  readonly monitorSaid: MonitorNotice[] = [];
  /** Listeners of one scenario, for exact moments. */
  readonly onSaid: ((said: Said) => void)[] = [];
  /** Ends of servers that the scenario wants. */
  readonly expectedEnds: RegExp[] = [];

  hearMonitor(notice: MonitorNotice, at: number): void {
    this.monitorSaid.push(notice);
    if (notice.kind === 'view') this.changes.push({ at, view: notice.view, causes: notice.causes });
  }

  hearServer(said: Said): void {
    this.said.push(said);
    for (const listener of this.onSaid) listener(said);
  }

  notices<Kind extends ServerNotice['kind']>(
    kind: Kind,
    server?: string,
  ): readonly Extract<ServerNotice, { kind: Kind }>[] {
    return this.said.flatMap(({ server: who, notice }) =>
      notice.kind === kind && (server === undefined || who === server)
        ? [notice as Extract<ServerNotice, { kind: Kind }>]
        : [],
    );
  }

  changesSince(at: number): readonly ViewChange[] {
    return this.changes.filter((change) => change.at >= at);
  }

  /** Views in one line each, for the report of a failure. */
  describe(): string {
    return this.changes
      .map(({ at, view, causes }) => {
        const why = causes.map((cause) => `${cause.kind} ${cause.server}`).join(', ');
        return `  ${at.toFixed(0)} view ${view.viewnum}: ${view.primary} [${view.backups}] syncing [${view.syncing}] (${why})`;
      })
      .join('\n');
  }

  check(): void {
    this.#checkNumbers();
    this.#checkOneViewPerNumber();
    for (const { server, notice } of this.said) {
      if (notice.kind !== 'stopped' || notice.reason === '') continue;
      const isExpected = this.expectedEnds.some((pattern) => pattern.test(`${server}: ${notice.reason}`));
      expect(isExpected, `${server} stopped: ${notice.reason}`).to.equal(true);
    }
  }

  /** Viewnums grow by exactly 1 (V8), but where a monitor that lost its state goes on 1,000 higher (V12). */
  #checkNumbers(): void {
    const last = new Map<string, number>();
    for (const { view, causes } of this.changes) {
      const { cluster = '' } = view;
      const before = last.get(cluster) ?? 0;
      const isRebuilt = causes.some((cause) => cause.kind === 'rebuilt');
      if (isRebuilt) expect(view.viewnum, 'a rebuilt view is above every one before').to.be.greaterThan(before);
      else expect(view.viewnum, 'viewnums grow by 1').to.equal(before + 1);
      last.set(cluster, view.viewnum);
    }
  }

  /** No view number twice: whoever heard of a view heard of the same one. */
  #checkOneViewPerNumber(): void {
    const known = new Map<string, string>();
    const views = [
      ...this.changes.map(({ view }) => view),
      ...this.said.flatMap(({ notice }) => (notice.kind === 'view' ? [notice.view] : [])),
    ];
    for (const { viewnum, primary, backups, incarnations, cluster } of views) {
      const name = `${viewnum} of ${cluster}`;
      const text = JSON.stringify({ primary, backups, incarnations });
      expect(known.get(name) ?? text, `view ${name} is one view`).to.equal(text);
      known.set(name, text);
    }
  }
}
