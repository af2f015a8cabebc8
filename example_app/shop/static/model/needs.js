/** Works out what a plan needs, and when. */

import { seedOf } from './catalogue.js';
import { isWithin, monthsUntil } from './months.js';

/** Metres in a row. */
const ROW_LENGTH = 3;

/** Seeds that go in for each that should come up. */
const SPARE = 1.2;

/** Sums up the rows of a plan: { metres, seeds }. */
export function needsOf(rows) {
  let metres = 0;
  let seeds = 0;
  for (const [slug, count] of rows) {
    const length = count * ROW_LENGTH;
    metres += length;
    seeds += Math.ceil(((length * 100) / seedOf(slug).spacing) * SPARE);
  }
  return { metres, seeds };
}

/** Puts the rows in the order of sowing: [{ month, seeds }], from this month on. */
export function calendarOf(rows, thisMonth) {
  const months = new Map();
  for (const [slug] of rows) {
    const seed = seedOf(slug);
    const month = nextSowing(seed, thisMonth);
    months.set(month, [...(months.get(month) ?? []), seed]);
  }
  return [...months]
    .map(([month, seeds]) => ({ month, seeds }))
    .sort((a, b) => monthsUntil(a.month, thisMonth) - monthsUntil(b.month, thisMonth));
}

function nextSowing({ sow }, thisMonth) {
  return isWithin(thisMonth, sow) ? thisMonth : sow[0];
}
