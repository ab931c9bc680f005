/** Editing one key: what was read, what is to be written, and the conflict where somebody else was faster. Steps from one state to the next. */

/**
 * @typedef {object} KeyEdit
 * @property {string} key
 * @property {boolean} isNew it is to be created
 * @property {string} draft
 * @property {number | undefined} revision of what was read; undefined: it was absent
 * @property {'open' | 'saving'} phase
 * @property {Theirs | undefined} conflict
 * @property {string} failure in words; or ""
 */
/** What the key has become meanwhile; null: it is gone. @typedef {{ readonly value: string | null, readonly revision: number | undefined }} Theirs */

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

/** What is to be written stays; it now is a change of what the other one wrote. @param {KeyEdit} edit @returns {KeyEdit} */
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

/** Under which condition it may be written. @param {KeyEdit} edit @returns {number | 'absent'} */
export function conditionOf({ revision }) {
  return revision ?? 'absent';
}
