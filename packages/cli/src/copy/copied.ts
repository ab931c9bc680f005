/** The progress of a backup or a restore. */
import { count, span } from '../words.ts';

const BAR_WIDTH = 24;

export interface Copied {
  readonly done: number;
  readonly keys: number;
  readonly elapsedMs: number;
}

/** For example "[######..................] 25 %, 250/1,000 keys, 3.0 s left". */
export function copiedLine({ done, keys, elapsedMs }: Copied): string {
  const share = keys === 0 ? 1 : done / keys;
  const filled = Math.floor(share * BAR_WIDTH);
  const bar = `[${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}]`;
  const progress = `${bar} ${Math.floor(share * 100)} %, ${count(done)}/${count(keys)} keys`;
  return done === 0 ? progress : `${progress}, ${span((elapsedMs * (keys - done)) / done)} left`;
}

/** For example "512 bytes" and "12.3 MB". */
export function bytesInWords(bytes: number): string {
  return bytes < 100_000 ? `${count(bytes)} bytes` : `${(bytes / 1e6).toFixed(1)} MB`;
}
