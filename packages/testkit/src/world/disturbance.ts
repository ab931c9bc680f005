/** What is done to processes and links of a simulated world, for those who want to draw it. */

/** `paused`: somebody holds the process, for whatever reason; `resumed`: nobody does any more. */
export type Disturbance =
  | { readonly kind: 'process'; readonly name: string; readonly state: 'paused' | 'resumed' }
  /** One direction between two processes. */
  | { readonly kind: 'link'; readonly from: string; readonly to: string; readonly state: LinkState };

/** `cut`: nothing arrives; `clogged`: everything waits. */
export type LinkState = 'open' | 'cut' | 'clogged';
