/** A connection to a listener of this process, as its bounds see it: what it holds, and whether it may be ended. */
import type { Socket } from 'node:net';

/** What is known of a connection once it has said which protocol it speaks. */
export interface GuestProtocol {
  /** Bytes that this process holds for it: what was read and is not answered yet, and answers that were not taken. */
  readonly heldBytes: number;
  /** A request is under way. */
  readonly isBusy: boolean;
  /** Answers wait until the peer takes them. */
  readonly hasUntaken: boolean;
  /** It has brought a whole request. */
  readonly hasSpoken: boolean;
  /** It belongs to another node of the cluster, and keeps its place. */
  readonly isPeer: boolean;
  /** Reads nothing more for now, or goes on. */
  setStopped(isStopped: boolean): void;
}

export class Guest {
  readonly socket: Socket;
  /** The other machine. */
  readonly remote: string;
  protocol: GuestProtocol | undefined;
  /** Looks in a row at which nothing had come and nothing was under way. */
  quietLooks = 0;
  /** Looks in a row at which answers waited, and the peer had taken nothing of them. */
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

  /** Counts how long it has been quiet. Looks, not time: what came while this process stood still has not been read yet. */
  look(): void {
    const { bytesRead, bytesWritten, writableLength } = this.socket;
    const bytesTaken = bytesWritten - writableLength;
    const { hasUntaken } = this;
    // One that is not read from cannot say anything.
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
