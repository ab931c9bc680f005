/**
 * The state of editing one key: the value read, the value to write, and the conflict if another client wrote first.
 * Each function returns the next state.
 */

/**
 * @typedef {object} KeyEdit
 * @property {string} key
 * @property {boolean} isNew the key is to be created
 * @property {string} draft
 * @property {number | undefined} revision of the value read; undefined: the key was absent
 * @property {'open' | 'saving'} phase
 * @property {Theirs | undefined} conflict
 * @property {string} failure in words; or ""
 */
/**
 * What the key has become meanwhile; a null value means that it was deleted.
 * @typedef {{ readonly value: string | null, readonly revision: number | undefined }} Theirs
 */

/** @param {{ key: string, value: string, revision: number }} read @returns {KeyEdit} */
export function editOf({ key, value, revision }) {
  return { key, isNew: false, draft: value, revision, phase: 'open', conflict: undefined, failure: '' };
}

/** @returns {KeyEdit} */
export function newKey() {
  return { key: '', isNew: true, draft: '', revision: undefined, phase: 'open', conflict: undefined, failure: '' };
}

/** @param {KeyEdit} edit @returns {KeyEdit} */
export function saving(edit) {
  return { ...edit, phase: 'saving', failure: '' };
}

/** @param {KeyEdit} edit @param {string} words @returns {KeyEdit} */
export function failed(edit, words) {
  return { ...edit, phase: 'open', failure: words };
}

/** @param {KeyEdit} edit @param {Theirs} theirs @returns {KeyEdit} */
export function conflicted(edit, theirs) {
  return { ...edit, phase: 'open', conflict: theirs };
}

/** Keeps the draft. It now replaces the value that the other client wrote. @param {KeyEdit} edit @returns {KeyEdit} */
export function keepMine(edit) {
  const { conflict } = edit;
  if (conflict === undefined) return edit;
  return { ...edit, conflict: undefined, revision: conflict.revision, isNew: conflict.value === null };
}

/** @param {KeyEdit} edit @returns {KeyEdit} */
export function takeTheirs(edit) {
  const { conflict } = edit;
  if (conflict === undefined) return edit;
  const { value, revision } = conflict;
  return { ...edit, conflict: undefined, draft: value ?? '', revision, isNew: value === null };
}

/** The condition under which the value may be written. @param {KeyEdit} edit @returns {number | 'absent'} */
export function conditionOf({ revision }) {
  return revision ?? 'absent';
}
