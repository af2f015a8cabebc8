// @ts-check
/** Applies updates, one after the other: plan, check, replace or reload, prune. */

import { Exchange } from "./exchange.js";
import { Patience } from "./patience.js";
import { allImporters, isGoneUnmissed, makePlan, takers, tops, unused } from "./plan.js";
import { Surroundings } from "./surroundings.js";
import { withVersion } from "./urls.js";

/**
 * @typedef {import('./plan.js').Plan} Plan
 * @typedef {import('./surroundings.js').UpdateMessage} UpdateMessage
 */

export class Updater {
  /** @type {Promise<void>} */
  #queue;
  /** How many updates have not begun. */
  #waiting = 0;
  /** Changed modules whose update has not been possible yet. @type {Set<string>} */
  #pending = new Set();
  /** What could not be linked, with its version then. @type {Map<string, string>} */
  #failed = new Map();
  /** Importers that have to do without a module that invalidated itself. @type {Map<string, string>} */
  #invalidated = new Map();
  #patience = new Patience(() => this.#waiting > 0);

  /**
   * @param {import('./registry.js').Registry} registry
   * @param {import('./events.js').Events} events
   * @param {import('./page.js').Page} page
   */
  constructor(registry, events, page) {
    this.registry = registry;
    this.events = events;
    this.page = page;
    this.surroundings = new Surroundings(registry, page);
    this.exchange = new Exchange(registry, page, this.surroundings, this.#patience);
    this.#queue = page.ready;
  }

  /** @param {UpdateMessage} message */
  enqueue(message) {
    this.#waiting += 1;
    this.#patience.hurry();
    this.#queue = this.#queue.then(async () => {
      this.#waiting -= 1;
      try {
        await this.#apply(message);
      } catch (error) {
        this.page.reports.problem("hmr", error, "an update");
      }
    });
    return this.#queue;
  }

  /**
   * Importers that are to be updated although nothing changed.
   *
   * @param {string} key the module that invalidated itself
   * @returns {string[]}
   */
  invalidate(key) {
    const loaded = this.surroundings.loaded();
    const importers = allImporters(this.surroundings.info(key)).filter(loaded);
    const wanted = importers.filter((k) => k !== key);
    for (const importer of wanted) this.#invalidated.set(importer, key);
    return wanted;
  }

  /** @param {UpdateMessage} message */
  async #apply(message) {
    if (this.page.reloading) return;
    const { surroundings, page } = this;
    surroundings.take(message);
    page.loads.look();
    const loaded = surroundings.loaded();
    const worker = message.workers?.find((key) => page.loads.workers.has(key));
    /** @param {string} key */
    const matters = (key) =>
      worker !== undefined || (loaded(key) && !isGoneUnmissed(surroundings.info(key), loaded));
    const starts = message.changed.filter((key) => matters(key) && surroundings.isNews(key));
    for (const [key] of this.#invalidated) {
      if (message.modules[key]) {
        starts.push(key);
        this.#invalidated.delete(key);
      }
    }
    for (const key of this.#pending) {
      if (!matters(key) || !surroundings.isWanted(key, loaded)) this.#pending.delete(key);
    }
    const pending = [...this.#pending];
    if (this.#renewBurnt([...starts, ...pending], loaded, message)) return;
    const why = worker && `the worker ${worker} runs ${message.changed.join(", ")}`;
    let done = await this.#attempt([...starts, ...pending], loaded, message, why);
    if (!done && starts.length && pending.some((key) => !starts.includes(key))) {
      // What could not be applied before must not hold up what is new.
      done = await this.#attempt(starts, loaded, message, why);
    }
    if (!page.reloading) await this.#prune(loaded);
  }

  /**
   * @param {string[]} starts
   * @param {(key: string) => boolean} loaded
   * @param {UpdateMessage} message
   * @param {string | undefined} reload why the page has to reload, whoever accepts it
   * @returns {Promise<boolean>} false if the page still runs the old instances
   */
  async #attempt(starts, loaded, message, reload) {
    const { page, exchange } = this;
    const plan = this.#plan(starts, loaded);
    const pending = this.#pending;
    // Of a plan that ends in a reload not all that it replaces is known.
    const due = new Set([...starts, ...plan.replaced, ...pending]);
    exchange.keep(message, (key) => due.has(key), loaded);
    const reason = reload ?? plan.reload ?? this.#splits(plan);
    const problem = await this.#check(reason ? starts : tops(plan));
    if (problem) {
      this.#fail(starts, plan);
      page.reports.show("update", problem);
      this.events.emit("hmr:error", problem);
      return false;
    }
    for (const key of starts) pending.delete(key);
    if (!pending.size) this.#failed.clear();
    if (reason) page.reload(reason);
    else if (plan.replaced.size) await this.#replace(plan, message);
    return true;
  }

  /**
   * @param {string[]} starts
   * @param {Plan} plan
   */
  #fail(starts, plan) {
    for (const key of starts) this.#pending.add(key);
    for (const key of [...starts, ...plan.replaced]) {
      const version = this.surroundings.info(key)?.version;
      if (version) this.#failed.set(key, version);
    }
  }

  /**
   * Ask for other versions of modules whose text is mended and whose version stays.
   *
   * A version is about a module and what it reaches without passing a boundary, but
   * its text names the boundaries, too. The browser has kept the text that named a
   * broken one, and asks for no URL twice.
   *
   * @param {string[]} starts
   * @param {(key: string) => boolean} loaded
   * @param {UpdateMessage} message
   * @returns {boolean} whether the update has to wait for them
   */
  #renewBurnt(starts, loaded, message) {
    const { surroundings, page } = this;
    /** @type {Map<string, string>} */
    const burnt = new Map();
    /** @param {string} key */
    const isNew = (key) => key in message.modules || burnt.has(key);
    let count = -1;
    while (burnt.size > count) {
      count = burnt.size;
      for (const [key, version] of this.#failed) {
        const info = surroundings.info(key);
        if (info?.version === version && info.imports.some(isNew)) burnt.set(key, version);
      }
    }
    if (!count) return false;
    const due = new Set([...starts, ...this.#plan(starts, loaded).replaced]);
    this.exchange.keep(message, (key) => due.has(key), loaded);
    for (const key of starts) this.#pending.add(key);
    page.renew([...burnt.keys()], Object.fromEntries(burnt));
    return true;
  }

  /**
   * @param {string[]} starts
   * @param {(key: string) => boolean} loaded
   */
  #plan(starts, loaded) {
    return makePlan(starts, this.surroundings.info, loaded, this.registry, this.page.loads);
  }

  /** @param {string[]} keys modules whose new instances have to be linked */
  #check(keys) {
    // Whether a classic script is in order only running it can show.
    const modules = keys.filter((key) => !this.page.loads.classic.has(key));
    const urls = modules.map((key) => withVersion(key, this.surroundings.info(key)?.version));
    return urls.length ? this.page.linker.check(urls) : undefined;
  }

  /**
   * Tell whether a plan would make a second instance of a module, since the browser
   * did not let its newer URL stand for the instance that is there.
   *
   * @param {Plan} plan
   * @returns {string | undefined} why the page has to reload
   */
  #splits(plan) {
    for (const key of this.page.unkept) {
      const importers = this.surroundings.info(key)?.importers ?? [];
      const importer = importers.find((k) => plan.replaced.has(k));
      if (importer !== undefined && !plan.replaced.has(key)) {
        return `the page's policy forbids the import map by which ${importer} would find ${key}`;
      }
    }
    return undefined;
  }

  /**
   * @param {Plan} plan
   * @param {UpdateMessage} message
   */
  async #replace(plan, message) {
    const { page, events } = this;
    const updates = [...plan.replaced].map((url) => ({ url }));
    events.emit("hmr:beforeUpdate", { updates });
    page.reports.mended(this.#pending.size > 0);
    const works = await this.exchange.replace(plan);
    if (works) page.reports.applied(message.changed, takers(plan));
    events.emit("hmr:afterUpdate", { updates });
  }

  /**
   * Let go of modules that nothing imports any longer.
   *
   * @param {(key: string) => boolean} loaded
   */
  async #prune(loaded) {
    const { registry, page, surroundings } = this;
    if (this.#pending.size || !surroundings.orphans.size) return;
    const { orphans } = surroundings;
    surroundings.orphans = new Map();
    /** @param {string} key what nothing is known of may well be loaded */
    const maybeLoaded = (key) => !surroundings.info(key) || loaded(key);
    const gone = unused(orphans, registry, page.loads, maybeLoaded);
    const pruned = gone.filter((key) => registry.has(key));
    if (pruned.length) this.events.emit("hmr:beforePrune", { urls: pruned });
    for (const key of pruned) {
      const newest = registry.newest(key);
      if (newest) {
        await this.#patience.wait(registry.dispose(newest), `dispose of ${key}`);
        await this.#patience.wait(registry.prune(newest), `prune of ${key}`);
      }
      registry.forget(key);
    }
    // An import of one of them has to find a new instance from now on.
    if (gone.length) page.renew(gone);
  }
}
