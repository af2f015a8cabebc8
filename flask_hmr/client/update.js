// @ts-check
/**
 * Carries out updates, one after the other: check, dispose, evaluate, call back.
 *
 * Nothing is disposed of before it is known that all new instances can be linked.
 */

import { isHeld } from "./bindings.js";
import { callDeps, callSelf, importersIn } from "./callbacks.js";
import { allImporters, isGoneUnmissed, loadedIn, makePlan, unused } from "./plan.js";
import { withVersion } from "./urls.js";

/**
 * @typedef {import('./plan.js').Info} Info
 * @typedef {import('./plan.js').Plan} Plan
 * @typedef {import('./registry.js').Instance} Instance
 * @typedef {{type: 'update', session: string, seq: number, changed: string[],
 *   modules: Record<string, Info>, orphans: Record<string, Info>,
 *   above?: Record<string, string[]>}} UpdateMessage
 */

export class Updater {
  /** The newest version of each module that updates told of. @type {Map<string, string>} */
  versions = new Map();
  /** @type {Promise<void>} */
  #queue;
  /** What is known of the surroundings of modules. @type {Map<string, Info>} */
  #infos = new Map();
  /** Changed modules whose update has not been possible yet. @type {Set<string>} */
  #pending = new Set();
  /** Modules that lost an importer, with what is below them. @type {Map<string, Info>} */
  #orphans = new Map();
  /** Importers that have to do without a module that invalidated itself. @type {Map<string, string>} */
  #invalidated = new Map();
  /** @type {Promise<void> | undefined} */
  #replacing;
  /** @type {Set<string>} */
  #affected = new Set();

  /**
   * @param {import('./registry.js').Registry} registry
   * @param {import('./events.js').Events} events
   * @param {import('./page.js').Page} page
   */
  constructor(registry, events, page) {
    this.registry = registry;
    this.events = events;
    this.page = page;
    this.#queue = page.ready;
  }

  /** @param {UpdateMessage} message */
  enqueue(message) {
    this.#queue = this.#queue.then(async () => {
      try {
        await this.#apply(message);
      } catch (error) {
        this.page.problem("hmr", error, "an update");
      }
    });
    return this.#queue;
  }

  /**
   * Wait while the instances of a module are being exchanged.
   *
   * @param {string} key
   */
  async settled(key) {
    if (this.#replacing && this.#affected.has(key)) await this.#replacing;
  }

  /**
   * Importers that are to be updated although nothing changed.
   *
   * @param {string} key the module that invalidated itself
   * @returns {string[]}
   */
  invalidate(key) {
    const loaded = loadedIn((k) => this.#infos.get(k), this.registry, this.page.loads);
    const importers = allImporters(this.#infos.get(key)).filter(loaded);
    const wanted = importers.filter((k) => k !== key);
    for (const importer of wanted) this.#invalidated.set(importer, key);
    return wanted;
  }

  /** @param {UpdateMessage} message */
  async #apply(message) {
    if (this.page.reloading) return;
    for (const [key, info] of Object.entries(message.modules)) {
      this.#infos.set(key, this.page.settle(key, info));
    }
    for (const [key, info] of Object.entries(message.orphans)) {
      this.#orphans.set(key, info);
      this.#infos.set(key, info);
    }
    for (const [key, importers] of Object.entries(message.above ?? {})) {
      if (!message.modules[key]) this.#infos.set(key, { version: null, importers, imports: [] });
    }
    /** @param {string} key */
    const info = (key) => message.modules[key] ?? this.#infos.get(key);
    this.page.lookForEntries();
    const loaded = loadedIn(info, this.registry, this.page.loads);
    /** @param {string} key */
    const matters = (key) => loaded(key) && !isGoneUnmissed(info(key), loaded);
    const starts = message.changed.filter((key) => matters(key) && this.#isNews(key, info));
    for (const [key] of this.#invalidated) {
      if (message.modules[key]) {
        starts.push(key);
        this.#invalidated.delete(key);
      }
    }
    for (const key of this.#pending) {
      if (!matters(key) || !this.#isWanted(key, info, loaded)) this.#pending.delete(key);
    }
    const pending = [...this.#pending];
    let done = await this.#attempt([...starts, ...pending], info, loaded, message);
    if (!done && starts.length && pending.some((key) => !starts.includes(key))) {
      // What could not be applied before must not hold up what is new.
      done = await this.#attempt(starts, info, loaded, message);
    }
    if (!this.page.reloading) await this.#prune(loaded);
  }

  /**
   * Tell whether something that is loaded still asks for a module.
   *
   * @param {string} key
   * @param {(key: string) => Info | undefined} info
   * @param {(key: string) => boolean} loaded
   */
  #isWanted(key, info, loaded) {
    const { entries, inline, dynamic } = this.page.loads;
    const wanted = entries.has(key) || inline.has(key) || dynamic.has(key);
    return wanted || allImporters(info(key)).some((k) => k !== key && loaded(k));
  }

  /**
   * Tell whether a module that changed is not what this page runs already, as when
   * it was loaded between the change and the message.
   *
   * @param {string} key
   * @param {(key: string) => Info | undefined} info
   */
  #isNews(key, info) {
    const version = info(key)?.version;
    const instances = this.registry.instances(key);
    if (!version || instances.at(-1)?.version !== version) return true;
    // An importer brought the new instance along; the old one is still in place.
    return instances.some((other) => other.version !== version && !other.disposed);
  }

  /**
   * @param {string[]} starts
   * @param {(key: string) => Info | undefined} info
   * @param {(key: string) => boolean} loaded
   * @param {UpdateMessage} message
   * @returns {Promise<boolean>} false if the page still runs the old instances
   */
  async #attempt(starts, info, loaded, message) {
    const plan = makePlan(starts, info, loaded, this.registry, this.page.loads);
    const urls = (plan.reload ? starts : this.#tops(plan)).map((key) =>
      withVersion(key, info(key)?.version),
    );
    const problem = urls.length ? await this.page.check(urls) : undefined;
    if (problem) {
      this.#adopt(message, plan, loaded, true);
      for (const key of starts) this.#pending.add(key);
      this.page.show("update", problem);
      this.events.emit("hmr:error", problem);
      return false;
    }
    if (plan.reload) {
      this.page.reload(plan.reload);
      return true;
    }
    for (const key of starts) this.#pending.delete(key);
    if (plan.replaced.size) await this.#replace(plan, info, loaded, message);
    else this.#adopt(message, plan, loaded, false);
    return true;
  }

  /** @param {Plan} plan what is imported, for everything below to be evaluated */
  #tops(plan) {
    return [...new Set([...plan.acceptors.keys(), ...plan.boundaries])];
  }

  /**
   * @param {Plan} plan
   * @param {(key: string) => Info | undefined} info
   * @param {(key: string) => boolean} loaded
   * @param {UpdateMessage} message
   */
  async #replace(plan, info, loaded, message) {
    const { registry, events } = this;
    const updates = [...plan.replaced].map((url) => ({ url }));
    events.emit("hmr:beforeUpdate", { updates });
    this.page.mended(this.#pending.size > 0);

    let release = () => {};
    this.#replacing = new Promise((resolve) => (release = resolve));
    this.#affected = plan.replaced;
    // Importers first: they may still use what they import.
    for (const key of [...plan.replaced].reverse()) {
      for (const old of this.#olderThan(key, info(key)?.version)) await registry.dispose(old);
    }
    const time = ++registry.clock;
    this.#adopt(message, plan, loaded, false);
    const before = new Map(
      [...plan.replaced].map((key) => [key, this.#olderThan(key, info(key)?.version).at(-1)]),
    );
    const tops = this.#tops(plan);
    // What a module got by `import()` it has to get again, now that it runs anew.
    for (const key of plan.replaced) this.page.unhold(key);
    this.#replacing = undefined;
    release();

    /** @type {Map<string, unknown>} */
    const broken = new Map();
    for (const key of tops) {
      try {
        await this.#namespace(key);
        this.page.loads.failed.delete(key);
      } catch (error) {
        broken.set(key, error);
        this.page.problem(`evaluate ${key}`, error, `evaluating ${key}`);
      }
    }
    const fresh = await this.#takeOver(plan, before, broken, time);
    for (const key of fresh) this.#release(key, info(key), before.get(key));
    await this.#callBack(plan, fresh, broken, info);
    for (const key of fresh) this.#release(key, info(key), undefined);
    if (!broken.size) {
      const takers = new Set([...plan.boundaries, ...importersIn(plan.acceptors)]);
      this.page.applied(message.changed, takers);
    }
    events.emit("hmr:afterUpdate", { updates });
  }

  /**
   * Make the server's versions this page's own. Where the page keeps an instance
   * that has a new version, the new one has to mean the same instance.
   *
   * @param {UpdateMessage} message
   * @param {Plan} plan
   * @param {(key: string) => boolean} loaded
   * @param {boolean} failed the instances in the plan stay after all
   */
  #adopt(message, plan, loaded, failed) {
    /** @type {Map<string, string>} */
    const kept = new Map();
    for (const [key, info] of Object.entries(message.modules)) {
      if (!info.version || (failed && plan.replaced.has(key))) continue;
      this.versions.set(key, info.version);
      if (plan.replaced.has(key) || this.#pending.has(key) || !loaded(key)) continue;
      const newest = this.registry.newest(key);
      const held = newest ? newest.version : this.registry.actual(key, info.previous);
      if (!held || held === info.version) continue;
      const aliases = this.registry.aliases.get(key) ?? new Map();
      this.registry.aliases.set(key, aliases.set(info.version, held));
      this.versions.set(key, held);
      kept.set(withVersion(key, info.version), withVersion(key, held));
    }
    if (kept.size) this.page.alias(kept);
  }

  /**
   * Put new instances in the place of old ones where they were evaluated.
   *
   * @param {Plan} plan
   * @param {Map<string, Instance | undefined>} before
   * @param {Map<string, unknown>} broken
   * @param {number} time
   * @returns {Promise<Set<string>>} the modules with a new instance that works
   */
  async #takeOver(plan, before, broken, time) {
    const { registry } = this;
    const fresh = new Set();
    for (const key of plan.replaced) {
      const old = before.get(key);
      const version = this.versions.get(key);
      const instance = registry.find(key, version);
      if (!instance) {
        // One that takes no part, no longer does, or that nobody has imported yet.
        registry.evaluated.set(key, time);
        if (!old || broken.size) continue;
        registry.add(key, version);
        old.superseded = time;
        fresh.add(key);
        continue;
      }
      if (broken.size && !(await this.#works(key))) {
        registry.retain(key, (other) => other !== instance);
        continue;
      }
      fresh.add(key);
      if (old && old !== instance) old.superseded = time;
    }
    return fresh;
  }

  /**
   * @param {string} key
   * @param {string | null | undefined} version
   */
  #olderThan(key, version) {
    return this.registry.instances(key).filter((instance) => instance.version !== version);
  }

  /** @param {string} key whether its newest instance was evaluated to the end */
  async #works(key) {
    try {
      await this.#namespace(key);
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Forget instances that no importer binds to any longer.
   *
   * @param {string} key
   * @param {Info | undefined} info
   * @param {Instance | undefined} last the one that has just been replaced, whose
   *   callbacks are still to run
   */
  #release(key, info, last) {
    const newest = this.registry.newest(key);
    this.registry.retain(
      key,
      (instance) => instance === newest || instance === last || isHeld(instance, info, this.registry, this.page),
    );
  }

  /**
   * @param {Plan} plan
   * @param {Set<string>} fresh
   * @param {Map<string, unknown>} broken
   * @param {(key: string) => Info | undefined} info
   */
  async #callBack(plan, fresh, broken, info) {
    const works = [...plan.acceptors].filter(([dep]) => !broken.has(dep));
    const acceptors = new Map(works);
    for (const importer of importersIn(acceptors)) {
      if (!plan.replaced.has(importer)) this.#release(importer, info(importer), undefined);
    }
    const { registry, page } = this;
    /** @param {string} key */
    const namespace = (key) => this.#namespace(key);
    await callDeps(acceptors, registry, page, namespace);
    const boundaries = [...plan.boundaries].filter((key) => fresh.has(key));
    await callSelf(boundaries, registry, page, namespace);
  }

  /** @param {string} key the namespace of its newest instance */
  #namespace(key) {
    return this.page.importModule(key, this.versions.get(key) ?? this.#infos.get(key)?.version);
  }

  /**
   * Let go of modules that nothing imports any longer.
   *
   * @param {(key: string) => boolean} loaded
   */
  async #prune(loaded) {
    if (this.#pending.size || !this.#orphans.size) return;
    const { registry, page } = this;
    const orphans = this.#orphans;
    this.#orphans = new Map();
    /** @param {string} key what nothing is known of may well be loaded */
    const maybeLoaded = (key) => !this.#infos.has(key) || loaded(key);
    const gone = unused(orphans, page.loads, maybeLoaded);
    const pruned = gone.filter((key) => registry.has(key));
    if (pruned.length) this.events.emit("hmr:beforePrune", { urls: pruned });
    for (const key of pruned) {
      const newest = registry.newest(key);
      if (newest) {
        await registry.dispose(newest);
        await registry.prune(newest);
      }
      registry.forget(key);
    }
    // An import of one of them has to find a new instance from now on.
    if (gone.length) page.renew(gone);
  }
}
