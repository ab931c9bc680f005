/** One place in a local cluster: an address, and the processes that run there one after another. */
import type { Timer } from '@understudy/rpc';
import { CommandFailure } from '../exit.ts';
import type { Child } from './child.ts';

export interface Member {
  readonly service: 'monitor' | 'server';
  readonly address: string;
  readonly pid: number;
}

export class Seat {
  readonly service: Member['service'];
  /** Where it should listen; 0 until the port is known. */
  port: number;
  /** The present process, from before it listens until it has ended. */
  child: Child | undefined;
  /** The last process that listened. */
  member: Member | undefined;
  /** Its first start has begun. */
  isBegun = false;
  isPaused = false;
  /** It was killed on purpose, and stays dead until a user restarts it. */
  isHeld = false;
  /** The timer that starts it again. */
  restart: Timer | undefined;

  constructor(service: Member['service'], port: number) {
    this.service = service;
    this.port = port;
  }

  get address(): string {
    return this.member?.address ?? `127.0.0.1:${this.port}`;
  }

  get state(): 'starting' | 'running' | 'paused' | 'dead' {
    if (this.child === undefined) return this.isBegun ? 'dead' : 'starting';
    if (this.child.pid !== this.member?.pid) return 'starting';
    return this.isPaused ? 'paused' : 'running';
  }

  /** 0 if there is no process. */
  get pid(): number {
    return this.child?.pid ?? 0;
  }

  /** kill -9. Resolves when it is dead. */
  async kill(): Promise<void> {
    const child = this.#childIn(['running', 'paused'], 'killed');
    this.isHeld = true;
    child.kill();
    await child.ended;
  }

  /** kill -STOP. */
  pause(): void {
    this.#childIn(['running'], 'paused').pause();
    this.isPaused = true;
  }

  /** kill -CONT. */
  resume(): void {
    this.#childIn(['paused'], 'resumed').resume();
    this.isPaused = false;
  }

  #childIn(states: readonly Seat['state'][], done: string): Child {
    if (this.child !== undefined && states.includes(this.state)) return this.child;
    throw new CommandFailure(`${this.address} is ${this.state}: it cannot be ${done}`);
  }
}
