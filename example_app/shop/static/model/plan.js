/** The plan in the making: how many rows of which seed. */

const MAX_ROWS = 20;

let rows = new Map();
let changes = new EventTarget();

if (import.meta.hot) {
  // This module accepts nothing: when it changes, so do the elements that use it. What
  // must outlive the change is kept, namely the rows and those who wait for news.
  const { data } = import.meta.hot;
  rows = data.rows ??= rows;
  changes = data.changes ??= changes;
}

/** Gives the rows of one seed. */
export function rowsOf(slug) {
  return rows.get(slug) ?? 0;
}

/** Gives all rows, as pairs of a seed's name and a number, in order of choice. */
export function allRows() {
  return [...rows];
}

/** Adds rows of a seed, or takes some away. */
export function addRows(slug, count) {
  const sum = Math.min(rowsOf(slug) + count, MAX_ROWS);
  if (sum > 0) rows.set(slug, sum);
  else rows.delete(slug);
  changes.dispatchEvent(new Event('planchange'));
}

/** Calls a listener's handleEvent with a `planchange` event after each change. */
export function subscribe(listener) {
  changes.addEventListener('planchange', listener);
}

/** Calls the listener no more. */
export function unsubscribe(listener) {
  changes.removeEventListener('planchange', listener);
}
