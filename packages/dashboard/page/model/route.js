/**
 * Chooses the node that is asked for keys: a live server, preferably the one that the page came from, then the primary.
 */

/** @import { Cluster } from './state.d.ts' */

/**
 * @param {Cluster} cluster
 * @param {string | undefined} own the node that the page came from
 * @returns {string | undefined} undefined: no server can be asked
 */
export function serverToAsk({ members }, own) {
  const living = members.filter(({ isHeard, condition }) => isHeard && condition !== 'paused' && condition !== 'dead');
  const best = living.find(({ node }) => node === own) ?? living.find(({ role }) => role === 'primary') ?? living[0];
  return best?.node;
}
