// @ts-check
/**
 * Versions that are of no use to this page any more, and asking for other ones.
 *
 * A version stands for a module and what it reaches without passing a boundary, while
 * the text names the versions of boundaries, too. When linking failed because of a
 * broken boundary, the browser has kept the text that names it and asks for no URL
 * twice: once the boundary is mended, those that name it need a new version.
 */

import { allImporters } from "./plan.js";

/**
 * @typedef {import('./surroundings.js').UpdateMessage} UpdateMessage
 */

export class Renewal {
  /** Modules whose update waits for new versions. @type {Set<string>} */
  waiting = new Set();
  /** What could not be linked, with its version then. @type {Map<string, string>} */
  #failed = new Map();
  /** What was asked for since something changed: once is enough. @type {Set<string>} */
  #asked = new Set();

  /**
   * @param {import('./registry.js').Registry} registry
   * @param {import('./page.js').Page} page
   * @param {import('./surroundings.js').Surroundings} surroundings
   * @param {import('./exchange.js').Exchange} exchange
   */
  constructor(registry, page, surroundings, exchange) {
    this.registry = registry;
    this.page = page;
    this.surroundings = surroundings;
    this.exchange = exchange;
  }

  /** @param {Iterable<string>} keys modules that could not be linked */
  fail(keys) {
    for (const key of keys) {
      const version = this.surroundings.info(key)?.version;
      if (version) this.#failed.set(key, version);
    }
  }

  /** Everything could be linked. */
  succeed() {
    this.#failed.clear();
  }

  /**
   * Find modules that had no chance to be linked, and name something that is new now.
   *
   * @param {UpdateMessage} message
   * @param {(key: string) => boolean} loaded
   */
  burnt(message, loaded) {
    if (message.changed.length) this.#asked.clear();
    /** @type {Set<string>} */
    const found = new Set();
    for (const importer of Object.values(message.modules).flatMap(allImporters)) {
      // Of what was new in the failed update nobody knows, and it never ran.
      const failed = this.#hasFailed(importer) || !loaded(importer);
      if (failed && !(importer in message.modules)) found.add(importer);
    }
    // A module that names one of them gets other text as well.
    for (const key of found) {
      for (const importer of allImporters(this.surroundings.info(key))) {
        if (this.#hasFailed(importer) && !(importer in message.modules)) found.add(importer);
      }
    }
    return [...found];
  }

  /** @param {string} key whether it could not be linked with the version it has now */
  #hasFailed(key) {
    const version = this.surroundings.info(key)?.version;
    return !!version && this.#failed.get(key) === version;
  }

  /**
   * Find modules that are to be evaluated again, and that the server sees no reason to
   * give a new version.
   *
   * @param {import('./plan.js').Plan} plan
   */
  used(plan) {
    return [...plan.replaced].filter((key) => {
      const version = this.surroundings.info(key)?.version;
      if (!version || this.surroundings.isAhead(key)) return false;
      if (this.registry.newest(key)?.version === version) return true;
      return (
        this.exchange.versions.get(key) === version ||
        !!this.registry.aliases.get(key)?.has(version)
      );
    });
  }

  /**
   * @param {string[]} keys modules that need another version
   * @param {UpdateMessage} message the newest change that this page knows
   * @returns {boolean} whether there will be an answer, to wait for
   */
  ask(keys, message) {
    const wanted = [...new Set(keys)].filter((key) => !this.#asked.has(key));
    for (const key of wanted) this.#asked.add(key);
    if (wanted.length) this.page.renew(wanted, message.seq);
    return wanted.length > 0;
  }
}
