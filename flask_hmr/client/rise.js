// @ts-check
/**
 * The longest rising subsequence of different numbers: what need not move when things
 * are brought into a new order.
 *
 * @param {number[]} numbers
 * @returns {number[]} some of them, in their order
 */
export function longestRise(numbers) {
  /** Indices of the smallest ends of rising subsequences, by length. @type {number[]} */
  const ends = [];
  /** @type {(number | undefined)[]} */
  const before = [];
  numbers.forEach((number, index) => {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (numbers[ends[middle]] < number) low = middle + 1;
      else high = middle;
    }
    before[index] = ends[low - 1];
    ends[low] = index;
  });
  /** @type {number[]} */
  const rise = [];
  for (let index = ends.at(-1); index !== undefined; index = before[index]) rise.push(numbers[index]);
  return rise.reverse();
}
