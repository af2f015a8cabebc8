/** Decides which seeds a search finds. */

import { isWithin } from './months.js';

/**
 * Tells whether a seed is one that the gardener asked for.
 *
 * What is asked for is { text, kind, month }; '' or 0 means any.
 */
export function matches(seed, { text, kind, month }) {
  const words = text.toLowerCase().split(/\s+/);
  const name = `${seed.name} ${seed.variety}`.toLowerCase();
  return (
    words.every((word) => name.includes(word)) &&
    (!kind || seed.kind === kind) &&
    (!month || isWithin(month, seed.sow))
  );
}
