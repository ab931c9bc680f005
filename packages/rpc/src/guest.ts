/**
 * One incoming connection, with what the bounds need to know: how much memory it holds, and whether it may be closed.
 */
import type { Socket } from 'node:net';

/** The state of a connection whose protocol is known. */
export interface GuestProtocol {
  /** Bytes held for the connection: unanswered input, and answers that the peer has not read. */
  readonly heldBytes: number;
  /** True while a request is in progress. */
  readonly isBusy: boolean;
  /** True while answers wait for the peer to read them. */
  readonly hasUntaken: boolean;
  /** True once it has sent a complete request. */
  readonly hasSpoken: boolean;
  /** True if it belongs to another node of the cluster. Such a connection keeps its place. */
  readonly isPeer: boolean;
  /** Stops or resumes reading. */
  setStopped(isStopped: boolean): void;
}

export class Guest {
  readonly socket: Socket;
  /** The address of the other machine. */
  readonly remote: string;
  protocol: GuestProtocol | undefined;
  /** The number of consecutive checks without new input or requests in progress. */
  quietLooks = 0;
  /** The number of consecutive checks in which answers waited and the peer read nothing. */
  untakenLooks = 0;
  #isStopped = false;
  #bytesRead = 0;
  #bytesTaken = 0;

  constructor(socket: Socket) {
    this.socket = socket;
    this.remote = socket.remoteAddress ?? '';
  }

  get heldBytes(): number {
    return this.protocol?.heldBytes ?? 0;
  }

  get isPeer(): boolean {
    return this.protocol?.isPeer ?? false;
  }

  get isBusy(): boolean {
    return this.protocol?.isBusy ?? false;
  }

  get hasUntaken(): boolean {
    return this.protocol?.hasUntaken ?? false;
  }

  get hasSpoken(): boolean {
    return this.protocol?.hasSpoken ?? false;
  }

  set isStopped(isStopped: boolean) {
    if (isStopped === this.#isStopped) return;
    this.#isStopped = isStopped;
    this.protocol?.setStopped(isStopped);
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /**
   * Updates both counts. They count checks, not time: input that arrived while this process was stopped has not been
   * read yet.
   */
  look(): void {
    const { bytesRead, bytesWritten, writableLength } = this.socket;
    const bytesTaken = bytesWritten - writableLength;
    const { hasUntaken } = this;
    // A connection that is not read from cannot show activity.
    const isQuiet = bytesRead === this.#bytesRead && !this.isBusy && !hasUntaken && !this.#isStopped;
    this.quietLooks = isQuiet ? this.quietLooks + 1 : 0;
    this.untakenLooks = hasUntaken && bytesTaken === this.#bytesTaken ? this.untakenLooks + 1 : 0;
    this.#bytesRead = bytesRead;
    this.#bytesTaken = bytesTaken;
  }

  end(): void {
    this.socket.destroy();
  }
}
