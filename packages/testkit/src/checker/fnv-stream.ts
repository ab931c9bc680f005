/**
 * FNV-1a in steps: forward over bytes appended to a text, and backward to the sum that the text itself must have had.
 */

/** The running sum of an FNV-1a hash, as a signed 32-bit number. */
export type Sum = number;

export function sumOf(bytes: Uint8Array, before: Sum = OFFSET_BASIS): Sum {
  let sum = before;
  for (let at = 0; at < bytes.length; at++) sum = Math.imul(sum ^ (bytes[at] as number), PRIME);
  return sum;
}

/** The sum before `bytes`, if the sum after them is `after`. FNV-1a is invertible. */
export function sumBefore(bytes: Uint8Array, after: Sum): Sum {
  let sum = after;
  for (let at = bytes.length - 1; at >= 0; at--) sum = Math.imul(sum, INVERSE_PRIME) ^ (bytes[at] as number);
  return sum;
}

/** The sum of the decimal form of a sum, which is the text that `putHash` stores. */
export function sumOfDecimal(sum: Sum): Sum {
  let rest = sum >>> 0;
  let divisor = 1;
  while (rest / divisor >= 10) divisor *= 10;
  let next = OFFSET_BASIS;
  for (; divisor >= 1; divisor /= 10) {
    const digit = Math.floor(rest / divisor);
    rest -= digit * divisor;
    next = Math.imul(next ^ (ZERO + digit), PRIME);
  }
  return next;
}

const OFFSET_BASIS = 0x811c9dc5 | 0;
const PRIME = 0x01000193;
/** PRIME times this is 1, modulo 2^32. */
const INVERSE_PRIME = 0x359c449b;
const ZERO = 48;
