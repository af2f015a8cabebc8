// @ts-check
/**
 * What the page has asked for by `import()` and could not get.
 *
 * Whoever asked is told by the rejection, as ever. The developer is told here, in the
 * overlay, what is wrong with it and where, until it is mended.
 */

import { ORIGIN, withVersion } from "./urls.js";

/** How the names of such problems begin. */
export const IMPORT = "import ";

export class Unloaded {
  /** Modules that cannot be linked, or are being looked at. @type {Map<string, {version: string | undefined}>} */
  #keys = new Map();

  /**
   * @param {import('./linker.js').Linker} linker
   * @param {import('./reports.js').Reports} reports
   */
  constructor(linker, reports) {
    this.linker = linker;
    this.reports = reports;
  }

  /** Modules that are not known to be in order again. */
  get keys() {
    return [...this.#keys.keys()];
  }

  /**
   * Show why a module cannot be loaded, or that it can be loaded again.
   *
   * A module that throws is not shown: what becomes of that is up to who asked for it, and so
   * it is where it does not exist, since pages try what they can do without.
   *
   * @param {string} key
   * @param {string | undefined} version
   * @returns {Promise<boolean>} whether it cannot be linked
   */
  async look(key, version) {
    // Who tries the same again and again hears nothing new: neither does the developer.
    if (version && this.#keys.get(key)?.version === version) return true;
    const look = { version };
    this.#keys.set(key, look);
    const problem = await this.#problemOf(key, withVersion(key, version));
    // What was seen since then counts.
    if (this.#keys.get(key) !== look) return false;
    if (problem) this.reports.show(IMPORT + key, problem);
    else this.loaded(key);
    return !!problem;
  }

  /** @param {string} key of a module that can be loaded */
  loaded(key) {
    if (this.#keys.delete(key)) this.reports.clear(IMPORT + key);
  }

  /** @param {string} key @param {string} path with the version that was tried */
  async #problemOf(key, path) {
    if (typeof document === "undefined" || !(await isThere(key))) return undefined;
    const failure = await this.linker.link([path]);
    return failure && this.linker.diagnose([path], failure.error);
  }
}

/** @param {string} key */
async function isThere(key) {
  try {
    return (await fetch(ORIGIN + key)).ok;
  } catch {
    // The server has gone.
    return false;
  }
}
