/** What a server tells whoever runs it, beyond what its replica has to say. */
import type { ReplicaNotice } from './core/effect.ts';

export type PingerNotice =
  | { readonly kind: 'monitor-answers' }
  | { readonly kind: 'monitor-recovering'; readonly reason: string }
  | { readonly kind: 'monitor-unreachable'; readonly reason: string };

export type ServerNotice =
  | ReplicaNotice
  | PingerNotice
  /** The server has ended; an empty reason: as it was asked to. `lost`: what went with it, in plain words, or "". */
  | { readonly kind: 'stopped'; readonly reason: string; readonly lost: string };
