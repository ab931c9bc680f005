/**
 * Measures the round trips to each peer. This decides when a call counts as slow (RFC 6298), and lets errors mention
 * slow peers.
 */
import type { Address } from './transport.ts';

interface Peer {
  /** In milliseconds; undefined before the first answer. */
  smoothedMs: number | undefined;
  deviationMs: number;
  /** Bytes per millisecond, measured with large requests; undefined if there was none. */
  bytesPerMs: number | undefined;
  /** The bytes of the requests in progress. */
  bytes: number;
}

/** The weight of one sample in the averages, as in TCP. */
const SMOOTHING = 1 / 8;
const DEVIATION_SMOOTHING = 1 / 4;
const DEVIATIONS = 4;
/**
 * A pause of the peer or of this process is not distance: one sample lengthens the wait to at most three times as long.
 */
const LARGEST_SAMPLE = 2;
/**
 * The duration of a smaller request says nothing about the rate; that of a larger one says nothing about the distance.
 */
const LARGE_BYTES = 32 * 1024;
/** The assumed bytes per millisecond until a rate is known: a slow link, but no slower than many are. */
const ASSUMED_BYTES_PER_MS = 512;
/** Rates vary: a request may take twice as long as the rate predicts. */
const RATE_MARGIN = 2;
const LONGEST_MS = 60_000;

export class RoundTrips {
  readonly #shortestMs: number;
  readonly #peers = new Map<Address, Peer>();

  /** @param shortestMs No peer counts as slow before this time, which a nearby peer needs for its answers. */
  constructor(shortestMs: number) {
    this.#shortestMs = shortestMs;
  }

  /** Milliseconds after which a request of that size counts as slow. If no rate was measured, the size adds no time. */
  slowAfterMs(to: Address, bytes: number): number {
    const peer = this.#peers.get(to);
    if (peer === undefined) return this.#shortestMs;
    const transferMs = peer.bytesPerMs === undefined ? 0 : (RATE_MARGIN * (peer.bytes + bytes)) / peer.bytesPerMs;
    return Math.min(LONGEST_MS, this.#distanceMs(peer) + transferMs);
  }

  /** Milliseconds to wait after a request became slow before it is worth sending again, if nothing else is learned. */
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

  /** A request of that size was answered. */
  answered(to: Address, bytes: number, tookMs: number): void {
    const peer = this.#peers.get(to);
    if (peer === undefined) return;
    if (bytes < LARGE_BYTES) noteDistance(peer, Math.min(tookMs, LARGEST_SAMPLE * this.#distanceMs(peer)));
    else noteRate(peer, bytes / Math.max(1, tookMs - (peer.smoothedMs ?? 0)));
  }

  /** Describes a peer that is distant or slow; "" for any other. */
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

/** About a try without an answer. */
export interface Slow {
  readonly bytes: number;
  /** The number of tries, including this one. */
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
