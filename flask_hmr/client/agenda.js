// @ts-check
/** What an update asks of this page, with what has been waiting: planned, not carried out. */

import { allImporters, isGoneUnmissed, makePlan, unused } from "./plan.js";
import { isSheet } from "./urls.js";

/**
 * @typedef {import('./plan.js').Plan} Plan
 * @typedef {import('./surroundings.js').UpdateMessage} UpdateMessage
 * @typedef {import('./invalidation.js').Invalid} Invalid
 * @typedef {{message: UpdateMessage, starts: string[], parts: string[][],
 *   loaded: (key: string) => boolean, plan: Plan, causes: string[],
 *   reload: string | undefined, leaving: Set<string>, invalid: Map<string, Invalid>}} Due what is to be done, or why the page has to reload,
 *   whoever accepts it; `parts` are what each message adds to what has been waiting
 */

export class Agenda {
  /** Changed modules whose update has not been possible yet. @type {Set<string>} */
  pending = new Set();

  /**
   * @param {import('./registry.js').Registry} registry
   * @param {import('./page.js').Page} page
   * @param {import('./surroundings.js').Surroundings} surroundings
   * @param {import('./exchange.js').Exchange} exchange
   * @param {import('./invalidation.js').Invalidation} invalidation
   */
  constructor(registry, page, surroundings, exchange, invalidation) {
    this.registry = registry;
    this.page = page;
    this.surroundings = surroundings;
    this.exchange = exchange;
    this.invalidation = invalidation;
  }

  /**
   * Take in what the server tells, before it is asked what is {@link due}.
   *
   * @param {UpdateMessage} message
   */
  take(message) {
    this.surroundings.take(message);
    for (const [key, { missing }] of Object.entries(message.modules)) if (missing) this.page.loads.missed.add(key);
    if (!message.compared || !this.pending.size) return;
    // What waits for its update, and is not told of, is what the page runs again.
    /** @param {string} key */
    const runs = (key) => !this.registry.newest(key)?.disposed;
    for (const key of this.pending) if (!message.modules[key] && runs(key)) this.pending.delete(key);
    if (!this.pending.size) this.page.reports.clear("update");
  }

  /**
   * Find out what this page has to do with an update.
   *
   * @param {UpdateMessage[]} messages that make it up
   * @returns {Due}
   */
  due(messages) {
    const { surroundings, page } = this;
    const message = messages.reduce(joined);
    page.loads.look();
    const revived = this.#revived(message);
    const loaded = surroundings.loaded();
    const worker = message.workers?.find((key) => page.loads.workers.has(key));
    /** @param {string} key */
    const isUnmissed = (key) => isGoneUnmissed(surroundings.info(key), loaded) && !this.registry.scriptsOf(key).length;
    /** @param {string} key */
    const matters = (key) => worker !== undefined || (loaded(key) && !isUnmissed(key));
    const news = message.changed.filter((key) => matters(key) && surroundings.isNews(key) && !this.#isDone(key));
    const invalid = this.invalidation.due();
    const starts = new Set([...news, ...revived]);
    for (const key of this.#inPlace([...starts, ...this.pending], loaded)) {
      starts.delete(key);
      this.pending.delete(key);
      if (!this.pending.size) page.reports.clear("update");
    }
    /** @param {string} key */
    const isIdle = (key) => !matters(key) || !surroundings.isWanted(key, loaded);
    // What names it may be missing for a while itself.
    const isHeldUp = [...this.pending].some((key) => !starts.has(key) && !isIdle(key));
    for (const key of this.pending) if (isIdle(key) && !isHeldUp) this.pending.delete(key);
    let plan = this.plan([...starts, ...this.pending], loaded, invalid);
    // That nothing imports it any longer is no reason to reload.
    const leaving = plan.reload ? this.#leaving(message, loaded) : new Set();
    for (const key of leaving) {
      for (const set of [starts, this.pending, invalid]) set.delete(key);
      this.invalidation.drop(key);
    }
    if (leaving.size) plan = this.plan([...starts, ...this.pending], loaded, invalid);
    const left = new Set(starts);
    const parts = messages.map(({ modules }) =>
      [...left].filter((key) => key in modules && left.delete(key)),
    );
    const all = [...new Set([...starts, ...this.pending])];
    const heard = revived.length ? message.changed : news.filter((key) => !leaving.has(key));
    const causes = [...new Set([...heard, ...this.pending])];
    const reload = worker && `the worker ${worker} runs ${message.changed.join(", ")}`;
    return { message, starts: all, parts, loaded, plan, causes, reload, leaving, invalid };
  }

  /**
   * Find modules that nothing imports any longer once this update is applied: that they
   * were edited as well is nothing that anybody would have to take.
   *
   * @param {UpdateMessage} message
   * @param {(key: string) => boolean} loaded
   */
  #leaving({ changed }, loaded) {
    const { orphans, info } = this.surroundings;
    if (!orphans.size) return new Set();
    const due = [...changed, ...this.pending].filter((key) => !orphans.has(key));
    // What is missed runs on, and all that it imports.
    const missed = due.filter((key) => info(key)?.missing && !isGoneUnmissed(info(key), loaded));
    const held = [...orphans].map(([key, one]) => {
      const importers = [...one.importers, ...this.#missedAbove(key, one, missed)];
      return /** @type {const} */ ([key, { ...one, importers }]);
    });
    const replaced = new Set(due.filter((key) => !missed.includes(key)));
    return new Set(unused(new Map(held), this.registry, this.page.loads, loaded, replaced));
  }

  /**
   * Find the missed modules that may still hold one which has lost an importer.
   *
   * @param {string} key
   * @param {import('./plan.js').Info} info
   * @param {string[]} missed
   */
  #missedAbove(key, info, missed) {
    const former = this.surroundings.former(key);
    if (former.size) return missed.filter((one) => former.has(one));
    // Who it was this page has not been told, if it was told of the module just now.
    return allImporters(info).length ? [] : missed;
  }

  /**
   * Tell whether an update of a module that says nothing of itself has been carried out,
   * as when several server processes tell of it.
   *
   * @param {string} key
   */
  #isDone(key) {
    const version = this.surroundings.info(key)?.version;
    const held = this.registry.actual(key, this.exchange.versions.get(key));
    return !!version && !this.registry.has(key) && held === version;
  }

  /**
   * Find style sheets that nobody accepts: whatever adopted them gets the new text
   * without being evaluated again.
   *
   * @param {string[]} keys
   * @param {(key: string) => boolean} loaded
   */
  #inPlace(keys, loaded) {
    const sheets = keys.filter((key) => isSheet(key) && !this.surroundings.info(key)?.missing);
    return sheets.filter((key) => this.plan([key], loaded).reload);
  }

  /**
   * Find scripts of the page that could not be loaded and have a new version now.
   *
   * @param {UpdateMessage} message
   * @returns {string[]}
   */
  #revived(message) {
    const { loads } = this.page;
    /** @type {string[]} */
    const revived = [];
    loads.stuck.clear();
    for (const [key, version] of loads.failed) {
      if ((this.surroundings.info(key)?.version ?? version) === version) loads.stuck.add(key);
      else if (key in message.modules) revived.push(key);
    }
    return revived;
  }

  /**
   * Find modules that are to be evaluated again, and that the server sees no reason to
   * give a new version.
   *
   * @param {Plan} plan
   */
  used(plan) {
    const { registry, surroundings, exchange } = this;
    return [...plan.replaced].filter((key) => {
      const version = surroundings.info(key)?.version;
      // One that the server does not know for an importer.
      if (!surroundings.info(key)) return registry.has(key);
      if (!version || surroundings.isAhead(key)) return false;
      // Or was: what a plugin makes of a file may be again what it was.
      const isHeld = registry.newest(key)?.version === version || registry.hasRun(key, version);
      return isHeld || exchange.versions.get(key) === version || registry.actual(key, version) !== version;
    });
  }

  /** @param {string[]} keys that could not be linked, scripts that failed before among them */
  stillFailed(keys) {
    const { failed } = this.page.loads;
    for (const key of keys) {
      if (failed.has(key)) failed.set(key, this.surroundings.info(key)?.version ?? undefined);
    }
  }

  /**
   * @param {string[]} starts
   * @param {(key: string) => boolean} loaded
   * @param {Map<string, Invalid>} [invalid]
   */
  plan(starts, loaded, invalid = new Map()) {
    return makePlan(starts, this.surroundings.info, loaded, this.registry, this.page.loads, invalid);
  }
}

/**
 * Make one update of two.
 *
 * @param {UpdateMessage} one
 * @param {UpdateMessage} next which came after it
 * @returns {UpdateMessage}
 */
function joined(one, next) {
  const modules = { ...one.modules, ...next.modules };
  for (const [key, { previous }] of Object.entries(one.modules)) {
    modules[key] = { ...modules[key], previous: previous ?? modules[key].previous };
  }
  return {
    ...next,
    modules,
    changed: [...new Set([...one.changed, ...next.changed])],
    workers: [...new Set([...(one.workers ?? []), ...(next.workers ?? [])])],
    unsure: one.unsure || next.unsure,
  };
}
