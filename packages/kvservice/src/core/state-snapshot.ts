/** A snapshot of cells and sessions of one moment, for a state transfer. The holder must release it. */

import type { Cell } from './cell.ts';
import type { MapSnapshot } from './map-snapshot.ts';
import type { Session } from './sessions.ts';

export class StateSnapshot {
  readonly cells: MapSnapshot<Cell>;
  readonly sessions: MapSnapshot<Session>;
  /** The number of remembered results in all sessions. */
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
