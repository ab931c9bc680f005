/** One moment of the state: what a transfer sends. Whoever takes it must release it. */

import type { Cell } from './cell.ts';
import type { MapSnapshot } from './map-snapshot.ts';
import type { Session } from './sessions.ts';

export class StateSnapshot {
  readonly cells: MapSnapshot<Cell>;
  readonly sessions: MapSnapshot<Session>;
  /** Results that were remembered, over all sessions. */
  readonly remembered: number;

  constructor(cells: MapSnapshot<Cell>, sessions: MapSnapshot<Session>, remembered: number) {
    this.cells = cells;
    this.sessions = sessions;
    this.remembered = remembered;
  }

  release(): void {
    this.cells.release();
    this.sessions.release();
  }
}
