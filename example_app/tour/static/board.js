/** What the cards show: the values of the examples, and what happened to them. */

import { appendEvent, loadEvents } from './events.js';

const SHOWN = 4;
const values = new Map();

/** Notes that something happened: to one card, or with null to the whole page. */
export function log(card, text) {
  appendEvent({ card, text, at: Date.now() });
  // Not at once: the example may be about to change its exports.
  queueMicrotask(refresh);
}

/** Shows in a card what a function gives, now and from now on. */
export function show(card, read) {
  values.set(card, read);
  refresh();
}

/** Brings all cards up to date. */
export function refresh() {
  const events = loadEvents();
  for (const card of document.querySelectorAll('[data-card]')) {
    const name = card.dataset.card;
    drawValue(card.querySelector('output'), values.get(name));
    drawEvents(
      card.querySelector('.log'),
      events.filter((event) => event.card === name || event.card === null),
    );
  }
}

function drawValue(output, read) {
  if (!read) return;
  const text = String(read());
  if (output.textContent !== text) output.textContent = text;
}

function drawEvents(list, events) {
  const newest = foldRepeats(events).slice(-SHOWN).reverse();
  const key = JSON.stringify(newest);
  if (list.dataset.shown === key) return;
  list.dataset.shown = key;
  list.replaceChildren(...newest.map(drawEvent));
}

function drawEvent({ text, at, count, card }) {
  const item = document.createElement('li');
  const time = document.createElement('time');
  time.textContent = new Date(at).toLocaleTimeString();
  item.append(time, ` ${text}`, count > 1 ? ` ×${count}` : '');
  item.classList.toggle('page', card === null);
  return item;
}

/** Joins events that repeat the one before: each instance runs its own callback. */
function foldRepeats(events) {
  const folded = [];
  for (const event of events) {
    const last = folded.at(-1);
    if (last?.text === event.text) {
      last.count += 1;
      last.at = event.at;
    } else {
      folded.push({ ...event, count: 1 });
    }
  }
  return folded;
}
