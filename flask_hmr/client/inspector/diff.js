// @ts-check
/** The lines in which two texts differ. It touches no document. */

/** @typedef {{sign: " " | "+" | "-", text: string, before?: number, after?: number}} Line */

/** Lines times lines that are compared one by one; beyond that a difference is one block. */
const MOST = 4_000_000;

/**
 * @param {string} before
 * @param {string} after
 * @returns {Line[]} with the numbers of lines, from 1
 */
export function diff(before, after) {
  const one = before.split("\n");
  const other = after.split("\n");
  let start = 0;
  while (start < one.length && start < other.length && one[start] === other[start]) start++;
  let end = 0;
  while (
    end < one.length - start &&
    end < other.length - start &&
    one[one.length - 1 - end] === other[other.length - 1 - end]
  ) {
    end++;
  }
  const signs = compared(one.slice(start, one.length - end), other.slice(start, other.length - end));
  /** @type {Line["sign"][]} */
  const all = [...Array(start).fill(" "), ...signs, ...Array(end).fill(" ")];
  let i = 0;
  let j = 0;
  return all.map((sign) => {
    if (sign === "-") return { sign, text: one[i++], before: i };
    if (sign === "+") return { sign, text: other[j++], after: j };
    return { sign, text: one[i++], before: i, after: ++j };
  });
}

/** @param {string[]} one @param {string[]} other @returns {Line["sign"][]} */
function compared(one, other) {
  if (one.length * other.length > MOST) {
    return [...Array(one.length).fill("-"), ...Array(other.length).fill("+")];
  }
  // The longest common part of what is left of both, from each place on.
  const width = other.length + 1;
  const common = new Uint32Array((one.length + 1) * width);
  for (let i = one.length - 1; i >= 0; i--) {
    for (let j = other.length - 1; j >= 0; j--) {
      const place = i * width + j;
      common[place] =
        one[i] === other[j]
          ? common[place + width + 1] + 1
          : Math.max(common[place + width], common[place + 1]);
    }
  }
  /** @type {Line["sign"][]} */
  const signs = [];
  for (let i = 0, j = 0; i < one.length || j < other.length; ) {
    if (i < one.length && j < other.length && one[i] === other[j]) {
      signs.push(" ");
      i++;
      j++;
    } else if (i < one.length && (j === other.length || common[(i + 1) * width + j] >= common[i * width + j + 1])) {
      signs.push("-");
      i++;
    } else {
      signs.push("+");
      j++;
    }
  }
  return signs;
}

/**
 * Leave out what is the same, but for some lines around each difference.
 *
 * @param {Line[]} lines
 * @param {number} context
 * @returns {(Line | undefined)[]} nothing stands for what was left out
 */
export function shortened(lines, context) {
  const near = new Set();
  lines.forEach(({ sign }, index) => {
    for (let i = index - context; sign !== " " && i <= index + context; i++) near.add(i);
  });
  /** @type {(Line | undefined)[]} */
  const shown = [];
  lines.forEach((line, index) => {
    if (near.has(index)) shown.push(line);
    else if (!index || near.has(index - 1)) shown.push(undefined);
  });
  return shown;
}
