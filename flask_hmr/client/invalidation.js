// @ts-check
/**
 * Modules that gave an update back, whose importers are to take it instead.
 *
 * The server knows who they are, and gives them new versions. Those that accept the module
 * are called; others are evaluated again.
 */

import { allImporters } from "./plan.js";

/**
 * @typedef {{again: boolean, chain: Set<string>, isEarly: boolean, reload: () => void}} Invalid
 *   whether the module is to be evaluated again itself, which invalidated themselves before
 *   it, and whether the first did while the page was loading
 */

export class Invalidation {
  /** Those that are to be carried out. @type {Map<string, Invalid>} */
  #due = new Map();
  /** Those of which it is not known yet who imports them. @type {Map<string, Invalid>} */
  #asking = new Map();
  /** Modules whose invalidation has led to the present update, one by another. @type {Set<string>} */
  #chain = new Set();
  /** Whether the first of them did so while the page was loading. */
  #isEarly = false;

  /**
   * @param {import('./registry.js').Registry} registry
   * @param {import('./page.js').Page} page
   * @param {import('./surroundings.js').Surroundings} surroundings
   * @param {(keys: string[]) => Promise<void>} learn has the server give modules new
   *   versions, resolved when the page has taken note of them and of their importers
   */
  constructor(registry, page, surroundings, learn) {
    this.registry = registry;
    this.page = page;
    this.surroundings = surroundings;
    this.learn = learn;
  }

  /**
   * Find out who imports a module that has invalidated itself.
   *
   * @param {import('./registry.js').Instance} instance of it
   * @param {boolean} isFresh whether that is being evaluated by the present update
   * @param {(isEarly: boolean) => void} reload what is to be done where nobody takes it, and
   *   whether the page was still loading when it began
   * @returns {Promise<boolean>} whether there is something to carry out now
   */
  async ask(instance, isFresh, reload) {
    const { key } = instance;
    const isEarly = this.page.isStarting || this.#isEarly;
    // Those that invalidate each other would do so for ever.
    if (this.#chain.has(key)) {
      reload(isEarly);
      return false;
    }
    const again = this.registry.newest(key) === instance && !isFresh && !this.page.isStarting;
    const known = this.#asking.get(key);
    if (known) {
      // The callbacks of several instances may say the same.
      known.again ||= again;
      return false;
    }
    const chain = new Set([...this.#chain, key]);
    const entry = { again, chain, isEarly, reload: () => reload(isEarly) };
    this.#asking.set(key, entry);
    await this.learn([key]);
    const importers = allImporters(this.surroundings.info(key)).filter(this.surroundings.loaded());
    if (importers.length) await this.learn(importers);
    this.#asking.delete(key);
    if (!this.surroundings.info(key)) {
      entry.reload();
      return false;
    }
    this.#due.set(key, entry);
    return true;
  }

  /** Those that are to be carried out, without what was let go of meanwhile. */
  due() {
    for (const key of this.#due.keys()) if (!this.registry.has(key)) this.#due.delete(key);
    return new Map(this.#due);
  }

  /** @param {string} key of a module that nothing imports any longer */
  drop(key) {
    this.#due.delete(key);
  }

  /** @param {Map<string, Invalid>} invalid those that an update carries out */
  begin(invalid) {
    for (const key of invalid.keys()) this.#due.delete(key);
    const entries = [...invalid.values()];
    this.#chain = new Set(entries.flatMap(({ chain }) => [...chain]));
    this.#isEarly = entries.some(({ isEarly }) => isEarly);
  }

  /** @param {Map<string, Invalid>} invalid those that could not be carried out yet */
  again(invalid) {
    for (const [key, entry] of invalid) this.#due.set(key, entry);
  }
}
