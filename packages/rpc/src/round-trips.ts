/** How long the answers of each peer take, as measured: what a caller waits before it takes a call for slow (RFC 6298), and what it tells of it. */
import type { Address } from './transport.ts';

interface Peer {
  /** Milliseconds; undefined: nothing was answered yet. */
  smoothedMs: number | undefined;
  deviationMs: number;
  /** Bytes for each millisecond, from large requests; undefined: there was none. */
  bytesPerMs: number | undefined;
  /** Bytes of the requests under way. */
  bytes: number;
}

/** Of one sample, in the averages: those of TCP. */
const SMOOTHING = 1 / 8;
const DEVIATION_SMOOTHING = 1 / 4;
const DEVIATIONS = 4;
/** A stall of the peer, or of this process, is no distance: one sample lengthens the wait to three times as much at most. */
const LARGEST_SAMPLE = 2;
/** Below it the time of a request says nothing of a rate, from it on nothing of a distance. */
const LARGE_BYTES = 32 * 1024;
/** Until a rate is known: bytes for each millisecond of a link that is slow, but no slower than many are. */
const ASSUMED_BYTES_PER_MS = 512;
/** A rate varies: a request may take twice as long as the rate says. */
const RATE_MARGIN = 2;
const LONGEST_MS = 60_000;

export class RoundTrips {
  readonly #shortestMs: number;
  readonly #peers = new Map<Address, Peer>();

  /** @param shortestMs No peer is taken for slow sooner: what a near one has for its answers. */
  constructor(shortestMs: number) {
    this.#shortestMs = shortestMs;
  }

  /** Milliseconds after which a request of so many bytes is slow. Where no rate was seen, bytes take no time. */
  slowAfterMs(to: Address, bytes: number): number {
    const peer = this.#peers.get(to);
    if (peer === undefined) return this.#shortestMs;
    const transferMs = peer.bytesPerMs === undefined ? 0 : (RATE_MARGIN * (peer.bytes + bytes)) / peer.bytesPerMs;
    return Math.min(LONGEST_MS, this.#distanceMs(peer) + transferMs);
  }

  /** Milliseconds that a slow request is given after that before it is worth sending again, if nothing else is learned. */
  repeatAfterMs(to: Address, { bytes, tries, isMoving }: Slow): number {
    const peer = this.#peers.get(to);
    const slowMs = peer === undefined ? this.#shortestMs : this.#distanceMs(peer);
    const transferMs = bytes < LARGE_BYTES ? 0 : (RATE_MARGIN * bytes) / (peer?.bytesPerMs ?? ASSUMED_BYTES_PER_MS);
    const factor = Math.min(2 ** (tries - 1), MOST_TIMES) * (isMoving ? MOST_TIMES : 1);
    return Math.min(LONGEST_MS, (slowMs + transferMs) * factor - slowMs);
  }

  began(to: Address, bytes: number): void {
    const peer = this.#peers.get(to);
    if (peer !== undefined) peer.bytes += bytes;
    else this.#peers.set(to, { smoothedMs: undefined, deviationMs: 0, bytesPerMs: undefined, bytes });
  }

  ended(to: Address, bytes: number): void {
    const peer = this.#peers.get(to);
    if (peer !== undefined) peer.bytes -= bytes;
  }

  /** A request of so many bytes was answered. */
  answered(to: Address, bytes: number, tookMs: number): void {
    const peer = this.#peers.get(to);
    if (peer === undefined) return;
    if (bytes < LARGE_BYTES) noteDistance(peer, Math.min(tookMs, LARGEST_SAMPLE * this.#distanceMs(peer)));
    else noteRate(peer, bytes / Math.max(1, tookMs - (peer.smoothedMs ?? 0)));
  }

  /** What is to be said of a peer that is distant, or slow; "" of any other. */
  words(to: Address): string {
    const peer = this.#peers.get(to);
    if (peer === undefined) return '';
    const said: string[] = [];
    const { smoothedMs = 0, bytesPerMs } = peer;
    if (smoothedMs >= this.#shortestMs / 4) said.push(`a round trip to ${to} takes about ${Math.round(smoothedMs)} ms`);
    if (bytesPerMs !== undefined && bytesPerMs < SLOW_BYTES_PER_MS)
      said.push(`${to} takes about ${(bytesPerMs / 1000).toFixed(bytesPerMs < 100 ? 3 : 1)} MB/s`);
    return said.join(', ');
  }

  #distanceMs({ smoothedMs, deviationMs }: Peer): number {
    return Math.max(this.#shortestMs, (smoothedMs ?? 0) + DEVIATIONS * deviationMs);
  }
}

/** Of a try that has no answer. */
export interface Slow {
  readonly bytes: number;
  /** That were made, this one included. */
  readonly tries: number;
  readonly isMoving: boolean;
}

const MOST_TIMES = 4;
const SLOW_BYTES_PER_MS = 10_000;

function noteDistance(peer: Peer, sampleMs: number): void {
  if (peer.smoothedMs === undefined) {
    peer.smoothedMs = sampleMs;
    peer.deviationMs = sampleMs / 2;
    return;
  }
  peer.deviationMs += DEVIATION_SMOOTHING * (Math.abs(peer.smoothedMs - sampleMs) - peer.deviationMs);
  peer.smoothedMs += SMOOTHING * (sampleMs - peer.smoothedMs);
}

function noteRate(peer: Peer, bytesPerMs: number): void {
  peer.bytesPerMs = peer.bytesPerMs === undefined ? bytesPerMs : (peer.bytesPerMs + bytesPerMs) / 2;
}
