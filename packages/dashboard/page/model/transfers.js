/** Running state transfers: the speed of each, and how long it will take at that speed. */

/** @import { NodeState, Transfer } from './state.d.ts' */
/** @typedef {{ readonly beganAt: number, readonly beganWith: number, readonly lastAt: number, readonly lastSent: number, readonly pace: number | undefined }} Course */

/** The weight of the latest interval in the speed, against all before. */
const NEWEST_SHARE = 0.3;
const LEAST_STRETCH_MS = 200;

export class TransferCourses {
  /** @type {Map<string, Course>} by "primary backup" */
  #courses = new Map();

  /** @param {NodeState} primary whose sample is new */
  sampled({ node, server, sampledAt }) {
    if (sampledAt === undefined) return;
    const running = new Set();
    for (const { server: backup, transfer } of server?.backups ?? []) {
      if (transfer === undefined) continue;
      const key = keyOf(node, backup);
      running.add(key);
      this.#courses.set(key, advance(this.#courses.get(key), sampledAt, transfer.sent));
    }
    for (const key of this.#courses.keys()) {
      if (key.startsWith(`${node} `) && !running.has(key)) this.#courses.delete(key);
    }
  }

  /**
   * Records per second.
   * @param {string} from
   * @param {string} to
   */
  paceOf(from, to) {
    return this.#courses.get(keyOf(from, to))?.pace;
  }
}

/**
 * @param {NodeState} primary
 * @param {(from: string, to: string) => number | undefined} paceOf
 * @returns {Transfer[]}
 */
export function transfersOf({ node, server }, paceOf) {
  return (server?.backups ?? []).flatMap(({ server: to, transfer }) => {
    if (transfer === undefined) return [];
    const { sent, total } = transfer;
    const pace = paceOf(node, to);
    const remainingMs = pace === undefined || pace <= 0 ? undefined : (Math.max(0, total - sent) / pace) * 1_000;
    return [{ from: node, to, sent, total, recordsPerSecond: pace, remainingMs }];
  });
}

/**
 * @param {Course | undefined} course
 * @param {number} at
 * @param {number} sent
 * @returns {Course}
 */
function advance(course, at, sent) {
  if (course === undefined || sent < course.lastSent) {
    return { beganAt: at, beganWith: sent, lastAt: at, lastSent: sent, pace: undefined };
  }
  const stretchMs = at - course.lastAt;
  if (stretchMs < LEAST_STRETCH_MS) return course;
  const latest = ((sent - course.lastSent) / stretchMs) * 1_000;
  const pace = course.pace === undefined ? latest : course.pace + NEWEST_SHARE * (latest - course.pace);
  return { ...course, lastAt: at, lastSent: sent, pace };
}

/**
 * @param {string} from
 * @param {string} to
 */
function keyOf(from, to) {
  return `${from} ${to}`;
}
