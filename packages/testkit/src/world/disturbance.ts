/** What happens to the processes and links of a simulated world, for listeners that draw it. */

/** `paused`: something holds the process; `resumed`: nothing holds it any more. */
export type Disturbance =
  | { readonly kind: 'process'; readonly name: string; readonly state: 'paused' | 'resumed' }
  /** One direction between two processes. */
  | { readonly kind: 'link'; readonly from: string; readonly to: string; readonly state: LinkState };

/** `cut`: nothing arrives; `clogged`: everything waits. */
export type LinkState = 'open' | 'cut' | 'clogged';
