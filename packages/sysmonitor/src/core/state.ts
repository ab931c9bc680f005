/**
 * The monitor's durable state: what it knows about the current view and must not forget (V9). Plain data, saved by
 * view-store.ts.
 */
import type { Position, View } from '../contract.ts';

/** A view, with the facts that decide which views may follow it. */
export interface Tenure {
  readonly view: View;
  readonly acknowledged: boolean;
  /** The servers that hold everything committed (V3). All are members of the view. */
  readonly safe: readonly string[];
  /** One seat per member of the view, the primary's first. */
  readonly seats: readonly Seat[];
}

/** A server's place in the view, from the change that gave it to the change that takes it away. */
export interface Seat {
  readonly server: string;
  /** The incarnation that got the seat; "" for bare pings. */
  readonly incarnation: string;
  /** The server has pinged above 0 in this seat. */
  readonly tookPart: boolean;
  /** (V2) Once true, it stays true until the seat is taken away. */
  readonly lostData: boolean;
  /** (V11) A newer incarnation took the seat since the last acknowledgement. Its disk may have come back older. */
  readonly restarted?: true;
  /** The highest position that the server reported. */
  readonly position?: Position;
}

/** The newest incarnation heard of a server. Older ones are refused (V11). */
export interface Run {
  readonly server: string;
  readonly incarnation: string;
  /**
   * The incarnation showed a secret, and its address confirmed it. From then on, no ping without a secret is believed
   * to come from this incarnation or a newer one. Absent in a state of an earlier version, which did not save it. A
   * named incarnation then counts as one with a secret, so that the view of real servers is never dropped.
   */
  readonly hasSecret?: boolean;
}

/** Everything that must be on stable storage before the ping that changed it is answered (V9). */
export interface MonitorState extends Tenure {
  readonly runs: readonly Run[];
}

export function seatOf(tenure: Tenure, server: string): Seat | undefined {
  return tenure.seats.find((seat) => seat.server === server);
}
