/** The events of the tour, which outlive a reload of the page. */

const KEY = 'tour-events';
const KEPT = 200;

/** Gives all events, the oldest first: { card, text, at }. */
export function loadEvents() {
  return JSON.parse(sessionStorage.getItem(KEY) ?? '[]');
}

/** Adds an event. */
export function appendEvent(event) {
  const events = [...loadEvents(), event].slice(-KEPT);
  sessionStorage.setItem(KEY, JSON.stringify(events));
}

/** Forgets all events. */
export function clearEvents() {
  sessionStorage.removeItem(KEY);
}
