// @ts-check
/** Applies updates, one after the other: plan, check, replace or reload, prune. */

import { Exchange } from "./exchange.js";
import { Patience } from "./patience.js";
import { allImporters, isGoneUnmissed, makePlan, takers, tops, unused } from "./plan.js";
import { Renewal } from "./renewal.js";
import { Surroundings } from "./surroundings.js";
import { withVersion } from "./urls.js";

/**
 * @typedef {import('./plan.js').Plan} Plan
 * @typedef {import('./surroundings.js').UpdateMessage} UpdateMessage
 */

/** A version that no module has. */
const NOWHERE = "0".repeat(16);

/** @type {UpdateMessage} */
const NO_CHANGE = { type: "update", session: "", seq: 0, changed: [], modules: {}, orphans: {} };

export class Updater {
  /** @type {Promise<void>} */
  #queue;
  /** How many updates have not begun. */
  #waiting = 0;
  /** Changed modules whose update has not been possible yet. @type {Set<string>} */
  #pending = new Set();
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
    this.renewal = new Renewal(registry, page, this.surroundings, this.exchange);
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

  /** Go on with what waits for new versions: the server has told all that there are. */
  resume() {
    this.enqueue(NO_CHANGE);
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

  /**
   * Find scripts of the page that could not be loaded and may be now.
   *
   * Those that still have their version the browser would not try again: the server is
   * asked for another one, if what has changed is below them.
   *
   * @param {UpdateMessage} message
   * @returns {string[]}
   */
  #revive(message) {
    const { loads } = this.page;
    const versions = [...loads.failed].map(([key, version]) => ({
      key,
      isNew: (this.surroundings.info(key)?.version ?? version) !== version,
    }));
    loads.stuck = new Set(versions.filter(({ isNew }) => !isNew).map(({ key }) => key));
    if (loads.stuck.size && message.changed.length) {
      this.page.mend(loads.stuck, message.changed, message.seq);
    }
    return versions.filter(({ key, isNew }) => isNew && key in message.modules).map(({ key }) => key);
  }

  /** @param {UpdateMessage} message */
  async #apply(message) {
    if (this.page.reloading || (message === NO_CHANGE && !this.renewal.waiting.size)) return;
    const { surroundings, page } = this;
    surroundings.take(message);
    page.loads.look();
    const revived = this.#revive(message);
    const loaded = surroundings.loaded();
    const worker = message.workers?.find((key) => page.loads.workers.has(key));
    /** @param {string} key */
    const matters = (key) =>
      worker !== undefined || (loaded(key) && !isGoneUnmissed(surroundings.info(key), loaded));
    const starts = message.changed.filter((key) => matters(key) && surroundings.isNews(key));
    starts.push(...revived.filter((key) => !starts.includes(key)));
    for (const [key] of this.#invalidated) {
      if (message.modules[key]) {
        starts.push(key);
        this.#invalidated.delete(key);
      }
    }
    starts.push(...[...this.renewal.waiting].filter(matters));
    this.renewal.waiting.clear();
    /** @param {string} key */
    const isIdle = (key) => !matters(key) || !surroundings.isWanted(key, loaded);
    // What names it may be missing for a while itself.
    const isHeldUp = [...this.#pending].some((key) => !starts.includes(key) && !isIdle(key));
    for (const key of this.#pending) if (isIdle(key) && !isHeldUp) this.#pending.delete(key);
    const pending = [...this.#pending];
    const all = [...starts, ...pending];
    const due = new Set([...all, ...this.#plan(all, loaded).replaced]);
    this.exchange.keep(message, (key) => due.has(key), loaded);
    const why = worker && `the worker ${worker} runs ${message.changed.join(", ")}`;
    let end = await this.#attempt(all, loaded, message, why);
    if (end === "failed" && starts.length && pending.some((key) => !starts.includes(key))) {
      // What could not be applied before must not hold up what is new.
      end = await this.#attempt(starts, loaded, message, why);
    }
    if (end === "waits") for (const key of starts) this.renewal.waiting.add(key);
    if (!page.reloading) await this.#prune();
  }

  /**
   * @param {string[]} starts
   * @param {(key: string) => boolean} loaded
   * @param {UpdateMessage} message
   * @param {string | undefined} reload why the page has to reload, whoever accepts it
   * @returns {Promise<'done' | 'failed' | 'waits'>} what failed or waits for the server
   *   has changed nothing in the page
   */
  async #attempt(starts, loaded, message, reload) {
    const { page } = this;
    const plan = this.#plan(starts, loaded);
    const pending = this.#pending;
    const burnt = pending.size ? this.renewal.burnt(message, loaded) : [];
    if (this.renewal.ask(burnt, message)) return "waits";
    const reason = reload ?? plan.reload ?? this.#splits(plan);
    if (!reason && this.renewal.ask(this.renewal.used(plan), message)) return "waits";
    // A script that failed may be the one to take it: the server is being asked.
    if (plan.reload && page.loads.stuck.size && message.changed.length) return "waits";
    // A reload would show an error, too, if anything up to the entry cannot be linked.
    const problem = await this.#check(reason ? [...plan.replaced] : tops(plan));
    if (problem) {
      for (const key of starts) pending.add(key);
      this.#stillFailed(starts);
      this.renewal.fail(plan.replaced);
      page.reports.show("update", problem);
      this.events.emit("hmr:error", problem);
      return "failed";
    }
    for (const key of starts) pending.delete(key);
    if (!pending.size) this.renewal.succeed();
    if (reason) page.reload(reason);
    else if (plan.replaced.size) await this.#replace(plan, message);
    return "done";
  }

  /** @param {string[]} keys that could not be linked, scripts that failed before among them */
  #stillFailed(keys) {
    const { failed } = this.page.loads;
    for (const key of keys) {
      if (failed.has(key)) failed.set(key, this.surroundings.info(key)?.version ?? undefined);
    }
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
    const urls = modules.map((key) => withVersion(key, this.#versionToCheck(key)));
    return urls.length ? this.page.linker.check(urls) : undefined;
  }

  /** @param {string} key */
  #versionToCheck(key) {
    const info = this.surroundings.info(key);
    // The browser may have got it without a version, when it was still there.
    return info?.missing ? NOWHERE : info?.version;
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
    page.reports.mended(this.#pending.size > 0);
    const works = await this.exchange.replace(plan, () => {
      events.emit("hmr:beforeUpdate", { updates });
    });
    if (works) page.reports.applied(message.changed, takers(plan));
    events.emit("hmr:afterUpdate", { updates });
  }

  /** Let go of modules that nothing imports any longer. */
  async #prune() {
    const { registry, page, surroundings } = this;
    const isDone = !this.#pending.size && !this.renewal.waiting.size;
    if (!isDone || !surroundings.orphans.size) return;
    const { orphans } = surroundings;
    surroundings.orphans = new Map();
    const loaded = surroundings.loaded();
    /** @param {string} key what nothing is known of may well be loaded */
    const maybeLoaded = (key) => !surroundings.info(key) || loaded(key);
    /** @type {Set<string>} */
    const gone = new Set();
    let count = -1;
    while (gone.size > count) {
      count = gone.size;
      for (const key of unused(orphans, registry, page.loads, maybeLoaded)) {
        gone.add(key);
        // What it got by `import()` nobody else may have asked for.
        page.unhold(key);
      }
    }
    const pruned = [...gone].filter((key) => registry.has(key));
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
    if (gone.size) page.renew([...gone]);
  }
}
