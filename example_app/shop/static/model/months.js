/** Months, as numbers from 1 to 12. */

export const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** Gives the name of a month. */
export function nameOf(month) {
  return MONTHS[month - 1];
}

/** Counts the months from one to the next time that it is the other: 0 to 11. */
export function monthsUntil(month, from) {
  return (month - from + 12) % 12;
}

/** Tells whether a month is in a run of months, which may go past December. */
export function isWithin(month, [first, last]) {
  return monthsUntil(month, first) <= monthsUntil(last, first);
}
