/** Which node is asked for keys: any server that lives, the one that the page came from first, then the primary. */

/** @import { Cluster } from './state.d.ts' */

/**
 * @param {Cluster} cluster
 * @param {string | undefined} own the node that the page came from
 * @returns {string | undefined} undefined: nobody can be asked
 */
export function serverToAsk({ members }, own) {
  const living = members.filter(({ isHeard, condition }) => isHeard && condition !== 'paused' && condition !== 'dead');
  const best = living.find(({ node }) => node === own) ?? living.find(({ role }) => role === 'primary') ?? living[0];
  return best?.node;
}
