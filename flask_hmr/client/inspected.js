// @ts-check
/**
 * What this page tells inspectors: the instances that it holds, what became of updates.
 *
 * It is loaded when one asks. When none has asked for a while, nothing is told.
 */

import { keyOf } from "./urls.js";

/** How long after the last question something is told, in milliseconds. */
const LEASE = 30_000;
/** Characters of modules in one message: a socket takes no more than 65,536. */
const LENGTH = 30_000;

/**
 * @typedef {import('./reports.js').News} News
 * @typedef {{message: any, start: number, problem?: string}} Followed an update that is being applied
 */

export class Inspected {
  #until = 0;
  /** What was told last. */
  #told = "";
  /** @type {Set<Followed>} */
  #followed = new Set();
  /** When templates or assets were last said to have changed, by what is about. @type {Map<string, Followed>} */
  #latest = new Map();

  /**
   * @param {URL} base of the server's own endpoints
   * @param {import('./registry.js').Registry} registry
   * @param {import('./update.js').Updater} updater
   * @param {import('./page.js').Page} page
   * @param {() => [string, string][]} held the versions that the page knows
   */
  constructor(base, registry, updater, page, held) {
    this.base = base;
    this.registry = registry;
    this.updater = updater;
    this.page = page;
    this.held = held;
    page.reports.told = (news) => this.#take(news);
    addEventListener("pagehide", () => {
      if (this.#isWatched) page.send({ type: "instances", page: page.id, gone: true });
    });
  }

  /**
   * An inspector has asked.
   *
   * @param {boolean} anew whether it knows nothing yet
   * @param {string} transport by which the page is connected
   */
  async asked(anew, transport) {
    this.#until = performance.now() + LEASE;
    await this.page.ready;
    this.#tell(anew, { url: location.pathname + location.search, title: document.title, transport });
  }

  get #isWatched() {
    return performance.now() < this.#until;
  }

  /** @param {any} message that has come */
  hear(message) {
    if (!this.#isWatched) return;
    const followed = { message, start: performance.now() };
    if (message.type === "update" && !message.answer) this.#follow(followed);
    else if (!message.reply) this.#latest.set(message.type, followed);
  }

  /** @param {Followed} followed */
  async #follow(followed) {
    this.#followed.add(followed);
    await this.updater.idle;
    if (this.#followed.has(followed) && !this.page.reloading) {
      this.#settle(followed, followed.problem ? "failed" : "nothing", { reason: followed.problem });
    }
    this.#tell(false);
  }

  /** @param {News} news */
  #take(news) {
    if (!this.#isWatched) return;
    const { kind, changed = [], via = [], reason, about } = news;
    const latest = about && this.#latest.get(about);
    if (latest) this.#send(latest, about, kind, { via, reason });
    if (about) return this.#latest.delete(about);
    for (const followed of this.#followed) {
      if (kind === "failed") followed.problem = reason;
      else if (changed.some((key) => followed.message.changed.includes(key))) {
        this.#settle(followed, kind, { via });
      }
    }
  }

  /** @param {Followed} followed @param {string} kind @param {object} more */
  #settle(followed, kind, more) {
    this.#followed.delete(followed);
    this.#send(followed, "modules", kind, more);
  }

  /** @param {Followed} followed @param {string} about @param {string} kind @param {object} more */
  #send({ message, start }, about, kind, more) {
    const ms = performance.now() - start;
    const { id, send } = this.page;
    send({ type: "outcome", page: id, url: location.pathname, about, seq: message.seq, kind, ms, ...more });
  }

  /** @param {boolean} anew @param {object} [about] the page */
  #tell(anew, about = {}) {
    const { page } = this;
    const { id, send } = page;
    const modules = this.#modules();
    const text = JSON.stringify(modules);
    if (text === this.#told && !anew) return send({ type: "instances", page: id, ...about });
    this.#told = text;
    const partial = !page.loads.isComplete;
    const parts = [...inParts(modules)];
    parts.forEach((part, number) => {
      const place = { first: number === 0, done: number === parts.length - 1, partial };
      send({ type: "instances", page: id, ...about, modules: part, ...place });
    });
  }

  /** All modules that the page runs, each with the versions of its instances. */
  #modules() {
    const { registry, updater, page, base } = this;
    page.loads.look();
    const loaded = updater.surroundings.loaded();
    const versions = new Map(requestedVersions());
    for (const [key, version] of this.held()) versions.set(key, version);
    const { entries, requested, dynamic } = page.loads;
    const keys = new Set([...registry.keys(), ...versions.keys(), ...entries, ...requested, ...dynamic.keys()]);
    /** @type {[string, string[]][]} */
    const modules = [];
    for (const key of keys) {
      // Of the server's own, only what plugins have made up is of interest.
      const [, own] = key.split(base.pathname, 2);
      if (key.startsWith(base.pathname) && !own.startsWith("module/")) continue;
      const instances = registry.instances(key).filter((one) => !one.isGuess);
      const held = instances.map(({ version }) => version ?? "");
      if (held.length) modules.push([key, held]);
      else if (loaded(key)) modules.push([key, [versions.get(key) ?? ""]]);
    }
    return modules.sort(([one], [other]) => (one < other ? -1 : 1));
  }
}

/** The newest version of each module that the browser has asked for. */
function* requestedVersions() {
  for (const { name } of performance.getEntriesByType("resource")) {
    const place = keyOf(name);
    if (place?.version) yield /** @type {[string, string]} */ ([place.key, place.version]);
  }
}

/** @param {[string, string[]][]} modules */
function* inParts(modules) {
  /** @type {[string, string[]][]} */
  let part = [];
  let length = 0;
  for (const module of modules) {
    part.push(module);
    length += JSON.stringify(module).length;
    if (length < LENGTH) continue;
    yield part;
    [part, length] = [[], 0];
  }
  yield part;
}
