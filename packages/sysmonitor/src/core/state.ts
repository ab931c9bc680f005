/** What the monitor knows about the current view and must not forget: plain data, for a store to save (V9). */
import type { Position, View } from '../contract.ts';

/** A view, with what decides who may come after it. */
export interface Tenure {
  readonly view: View;
  readonly acknowledged: boolean;
  /** Who holds everything committed (V3): members of the view, always. */
  readonly safe: readonly string[];
  /** One for each member of the view, the primary first. */
  readonly seats: readonly Seat[];
}

/** A place in the view, from the change that gave it to the change that takes it. */
export interface Seat {
  readonly server: string;
  /** The run that the seat was given to; "" for bare pings. */
  readonly incarnation: string;
  /** Has pinged above 0 in this seat. */
  readonly tookPart: boolean;
  /** (V2) Stays so until the seat is taken. */
  readonly lostData: boolean;
  /** (V11) Another run took the seat since the last acknowledgement: its disk may have come back older. */
  readonly restarted?: true;
  /** The highest that it reported. */
  readonly position?: Position;
}

/** The newest run of a server that was ever heard: older ones are refused (V11). */
export interface Run {
  readonly server: string;
  readonly incarnation: string;
  /**
   * It showed a secret, and its address confirmed it: without one, no ping is believed to be of this run, nor of a
   * newer one.
   */
  readonly hasSecret?: boolean;
}

/** All that has to be on stable storage before the ping that changed it is answered (V9). */
export interface MonitorState extends Tenure {
  readonly runs: readonly Run[];
}

export function seatOf(tenure: Tenure, server: string): Seat | undefined {
  return tenure.seats.find((seat) => seat.server === server);
}
