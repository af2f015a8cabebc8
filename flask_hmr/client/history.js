// @ts-check
/**
 * Back and forward: browsers show such a page with the scripts, style sheets and images
 * that they have kept, however old those are. Modules have versions; of all else it is
 * compared what was kept with what there is.
 */

import { keyOf } from "./urls.js";

/** What documents and style sheets ask for, by whose doing: in the terms of Resource Timing. */
const KINDS = ["script", "link", "css", "img", "image", "input"];
/** Most files that are compared. */
const MOST = 200;

/**
 * @param {(key: string) => boolean} isClassic whether a script is no module
 * @returns {Promise<string | undefined>} the key of a file that was shown in an old state
 */
export async function outdated(isClassic) {
  const [navigation] = performance.getEntriesByType("navigation");
  if (/** @type {PerformanceNavigationTiming | undefined} */ (navigation)?.type !== "back_forward") return undefined;
  if (document.readyState !== "complete") {
    await new Promise((resolve) => addEventListener("load", resolve, { once: true }));
  }
  const entries = /** @type {PerformanceResourceTiming[]} */ (performance.getEntriesByType("resource"));
  const keys = entries.flatMap(({ name, initiatorType: kind }) => {
    const place = KINDS.includes(kind) ? keyOf(name) : undefined;
    if (!place || place.version) return [];
    const isScript = kind === "script" || /\.m?js(\?|$)/.test(place.key);
    return !isScript || isClassic(place.key) ? [place.key] : [];
  });
  const changed = await Promise.all([...new Set(keys)].slice(0, MOST).map(hasChanged));
  return changed.find((key) => key);
}

/**
 * @param {string} key
 * @returns {Promise<string | undefined>} the key, if it has
 */
async function hasChanged(key) {
  try {
    const kept = await bytes(key, "force-cache");
    const now = await bytes(key, "no-cache");
    const isSame = kept.length === now.length && kept.every((byte, index) => byte === now[index]);
    return isSame ? undefined : key;
  } catch {
    // The server has gone.
    return undefined;
  }
}

/** @param {string} key @param {RequestCache} cache */
async function bytes(key, cache) {
  return new Uint8Array(await (await fetch(key, { cache })).arrayBuffer());
}
