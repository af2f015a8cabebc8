// @ts-check
/**
 * What the server told of the surroundings of modules: versions, importers, imports.
 *
 * @typedef {import('./plan.js').Info} Info
 * @typedef {{type: 'update', session: string, seq: number, changed: string[],
 *   modules: Record<string, Info>, orphans: Record<string, Info>,
 *   above?: Record<string, string[]>, workers?: string[], compared?: boolean,
 *   unsure?: boolean}} UpdateMessage what changed; `compared` where that is all in which this
 *   page is out of date, `unsure` where the server cannot tell what becomes of it
 */

import { allImporters, loadedIn } from "./plan.js";

export class Surroundings {
  /** @type {Map<string, Info>} */
  #infos = new Map();
  /** Modules that lost an importer, with what is below them. @type {Map<string, Info>} */
  orphans = new Map();
  /** Those of them that run without a doubt, since no evaluation had failed. @type {Set<string>} */
  waiting = new Set();
  /** Whether nothing has failed that was to be evaluated. */
  isSound = true;
  /** Importers that an edit has taken an import out of, and until when they had it. @type {Map<string, Map<string, number>>} */
  #former = new Map();

  /**
   * @param {import('./registry.js').Registry} registry
   * @param {import('./page.js').Page} page
   */
  constructor(registry, page) {
    this.registry = registry;
    this.page = page;
    /** The last change that is known. @type {{session: string | undefined, seq: number}} */
    this.last = { session: page.mark.session, seq: page.mark.seq ?? 0 };
  }

  /** @param {UpdateMessage} message */
  take(message) {
    this.last = { session: message.session, seq: message.seq };
    this.page.seq = message.seq;
    for (const infos of [message.modules, message.orphans]) this.#noteFormer(infos);
    for (const [key, info] of Object.entries(message.modules)) {
      this.#infos.set(key, this.page.settle(key, info, this.registry));
    }
    for (const [key, info] of Object.entries(message.orphans)) {
      if (this.isSound && !this.page.loads.failed.size) this.waiting.add(key);
      this.orphans.set(key, info);
      if (!message.modules[key]) this.#infos.set(key, info);
    }
    // Those that are told of again know best; others may have been found a home since, or
    // be there again with what they import.
    const again = Object.entries(message.modules).filter(([key]) => !message.orphans[key]);
    for (const [key, info] of again) if (this.orphans.has(key)) this.orphans.set(key, info);
    for (const [importer, { imports }] of Object.entries(message.modules)) {
      for (const key of imports) {
        const orphan = message.orphans[key] ? undefined : this.orphans.get(key);
        if (orphan && !orphan.importers.includes(importer)) orphan.importers.push(importer);
        // An importer that was deleted and is back, of a module that waits for it.
        const info = message.modules[key] ? undefined : this.#infos.get(key);
        if (!info || info.importers.includes(importer)) continue;
        if (this.registry.instances(importer).some(({ holds }) => holds.has(key))) info.importers.push(importer);
      }
    }
    for (const [key, importers] of Object.entries(message.above ?? {})) {
      if (message.modules[key]) continue;
      const known = this.#infos.get(key) ?? { version: null, imports: [] };
      this.#infos.set(key, { ...known, importers });
    }
  }

  /** @param {Record<string, Info>} infos what is known of modules from now on */
  #noteFormer(infos) {
    const { loads } = this.page;
    for (const [key, { importers }] of Object.entries(infos)) {
      for (const importer of this.#infos.get(key)?.importers ?? []) {
        if (importers.includes(importer)) continue;
        loads.look();
        // One that this page has never asked for holds nothing.
        if (!loads.mayHave(importer)) continue;
        const former = this.#former.get(key) ?? new Map();
        this.#former.set(key, former.set(importer, this.registry.clock + 1));
      }
    }
  }

  /** The importers whose earlier instances may hold a module, with the time at which that ended. @param {string} key */
  former(key) {
    return this.#former.get(key) ?? new Map();
  }

  /** What is known of a module. @param {string} key @returns {Info | undefined} */
  info = (key) => {
    const told = this.#infos.get(key);
    if (!told) return undefined;
    // Whose code computes what it imports, only this page knows.
    const more = [...(this.page.loads.dynamic.get(key) ?? [])].filter((user) => !allImporters(told).includes(user));
    return more.length ? { ...told, dynamicImporters: [...(told.dynamicImporters ?? []), ...more] } : told;
  };

  /** What tells modules that this page has loaded, as far as is known now. */
  loaded() {
    return loadedIn(this.info, this.registry, this.page.loads);
  }

  /**
   * Tell whether something that is loaded still asks for a module.
   *
   * @param {string} key
   * @param {(key: string) => boolean} loaded
   */
  isWanted(key, loaded) {
    const { entries, inline, dynamic } = this.page.loads;
    const wanted = entries.has(key) || inline.has(key) || dynamic.has(key);
    if (wanted || this.registry.scriptsOf(key).length) return true;
    return allImporters(this.info(key)).some((k) => k !== key && loaded(k));
  }

  /**
   * Tell whether a module that changed is not what this page runs already, as when
   * it was loaded between the change and the message.
   *
   * @param {string} key
   */
  isNews(key) {
    const version = this.info(key)?.version;
    return !version || this.registry.newest(key)?.version !== version || this.isAhead(key);
  }

  /**
   * Tell whether an importer brought the new instance of a module along, before the
   * update that puts it in the place of the old one.
   *
   * @param {string} key
   */
  isAhead(key) {
    const version = this.info(key)?.version;
    const older = this.registry.instances(key).filter((other) => other.version !== version);
    return this.registry.newest(key)?.version === version && older.some((old) => !old.disposed);
  }
}
