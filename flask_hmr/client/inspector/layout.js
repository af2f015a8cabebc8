// @ts-check
/**
 * Where the nodes of a drawn graph are: importers left, what they import right of them.
 *
 * Each module is in the column after that of its farthest importer. In a column modules
 * of one folder are together, near those that import them. It touches no document.
 */

import { partsOf } from "./model.js";

/**
 * @typedef {{key: string, label: string, x: number, y: number, width: number, column: number}} Node
 * @typedef {{folder: string, x: number, y: number}} Label
 * @typedef {{nodes: Map<string, Node>, labels: Label[], width: number, height: number}} Layout
 */

export const ROW = 28;
export const NODE = 22;
const MARGIN = 16;
/** Between columns, and between those parts of one column that is too tall. */
const GAP = 72;
const SMALL_GAP = 28;
/** Rows of a column before it is broken. */
const TALLEST = 40;
const LETTER = 7.4;
const LONGEST = 30;
const SWEEPS = 3;

/**
 * @param {Iterable<string>} keys
 * @param {(key: string) => Iterable<string>} importsOf
 * @returns {Layout}
 */
export function layOut(keys, importsOf) {
  const all = [...keys].sort();
  const known = new Set(all);
  /** @type {Map<string, string[]>} */
  const down = new Map(all.map((key) => [key, [...importsOf(key)].filter((k) => known.has(k) && k !== key)]));
  const layers = layersOf(all, down);
  order(layers, down);
  return place(layers);
}

/**
 * @param {string[]} keys
 * @param {Map<string, string[]>} down
 * @returns {string[][]} by column
 */
function layersOf(keys, down) {
  const sorted = sort(keys, down);
  const rank = new Map(sorted.map((key, index) => [key, index]));
  /** @type {Map<string, number>} */
  const depth = new Map();
  /** @type {string[][]} */
  const layers = [];
  for (const key of sorted) {
    const own = depth.get(key) ?? 0;
    (layers[own] ??= []).push(key);
    for (const target of down.get(key) ?? []) {
      // An import that closes a circle leads back and moves nothing.
      if ((rank.get(target) ?? 0) > (rank.get(key) ?? 0)) {
        depth.set(target, Math.max(depth.get(target) ?? 0, own + 1));
      }
    }
  }
  return layers;
}

/**
 * Importers before what they import, circles apart.
 *
 * @param {string[]} keys
 * @param {Map<string, string[]>} down
 */
function sort(keys, down) {
  const imported = new Set([...down.values()].flat());
  const starts = [...keys.filter((key) => !imported.has(key)), ...keys];
  const seen = new Set();
  /** @type {string[]} */
  const finished = [];
  for (const start of starts) {
    if (seen.has(start)) continue;
    seen.add(start);
    // No recursion: a chain of imports may be longer than the stack.
    /** @type {[string, Iterator<string>][]} */
    const way = [[start, (down.get(start) ?? []).values()]];
    while (way.length) {
      const [key, rest] = way[way.length - 1];
      const { value, done } = rest.next();
      if (done) {
        finished.push(key);
        way.pop();
      } else if (!seen.has(value)) {
        seen.add(value);
        way.push([value, (down.get(value) ?? []).values()]);
      }
    }
  }
  return finished.reverse();
}

/**
 * Order each column by folder, and near the modules of the other columns.
 *
 * @param {string[][]} layers changed in place
 * @param {Map<string, string[]>} down
 */
function order(layers, down) {
  /** @type {Map<string, string[]>} */
  const up = new Map();
  for (const [key, targets] of down) {
    for (const target of targets) up.set(target, [...(up.get(target) ?? []), key]);
  }
  /** @type {Map<string, number>} */
  const position = new Map();
  const number = (/** @type {string[]} */ layer) => {
    layer.forEach((key, index) => position.set(key, (index + 0.5) / layer.length));
  };
  layers.forEach(number);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const isBack = sweep % 2 === 1;
    for (const layer of isBack ? [...layers].reverse() : layers) {
      const wish = new Map(layer.map((key) => [key, mean((isBack ? down : up).get(key) ?? [key], position)]));
      /** @type {Map<string, string[]>} */
      const folders = new Map();
      for (const key of layer) {
        const [folder] = partsOf(key);
        folders.set(folder, [...(folders.get(folder) ?? []), key]);
      }
      const sorted = [...folders.values()]
        .map((group) => ({ group: sortBy(group, wish), wish: mean(group, wish) }))
        .sort((one, other) => one.wish - other.wish);
      layer.splice(0, layer.length, ...sorted.flatMap(({ group }) => group));
      number(layer);
    }
  }
}

/** @param {string[]} keys @param {Map<string, number>} wish */
function sortBy(keys, wish) {
  return [...keys].sort((one, other) => (wish.get(one) ?? 0) - (wish.get(other) ?? 0) || (one < other ? -1 : 1));
}

/** @param {string[]} keys @param {Map<string, number>} values */
function mean(keys, values) {
  return keys.reduce((sum, key) => sum + (values.get(key) ?? 0), 0) / keys.length;
}

/** @param {string[][]} layers @returns {Layout} */
function place(layers) {
  /** @type {Map<string, Node>} */
  const nodes = new Map();
  /** @type {Label[]} */
  const labels = [];
  let x = MARGIN;
  let height = 0;
  let column = 0;
  for (const layer of layers) {
    for (const [index, part] of broken(layer).entries()) {
      if (index) x += SMALL_GAP - GAP;
      let y = MARGIN;
      let folder = "";
      const width = Math.max(...part.map((key) => widthOf(labelOf(key))), 80);
      for (const key of part) {
        const [own] = partsOf(key);
        if (own !== folder) {
          labels.push({ folder: shortened(own, Math.floor(width / 6.2)), x, y: y + ROW - 9 });
          y += ROW;
          folder = own;
        }
        nodes.set(key, { key, label: labelOf(key), x, y, width, column });
        y += ROW;
      }
      height = Math.max(height, y);
      x += width + GAP;
      column++;
    }
  }
  return { nodes, labels, width: Math.max(x - GAP, 0) + MARGIN, height: height + MARGIN };
}

/** @param {string[]} layer @returns {string[][]} parts of about the same height */
function broken(layer) {
  const count = Math.ceil(layer.length / TALLEST);
  const size = Math.ceil(layer.length / count);
  return Array.from({ length: count }, (_, index) => layer.slice(index * size, (index + 1) * size));
}

/** @param {string} key */
function labelOf(key) {
  return shortened(partsOf(key)[1], LONGEST);
}

/** @param {string} text @param {number} length the end says most */
function shortened(text, length) {
  return text.length > length ? `…${text.slice(1 - length)}` : text;
}

/** @param {string} label */
function widthOf(label) {
  return Math.round(label.length * LETTER + 34);
}
