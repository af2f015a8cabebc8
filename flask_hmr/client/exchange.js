// @ts-check
/**
 * Puts new instances in the place of old ones: dispose, evaluate, call back.
 *
 * Begins when it is known that all new instances can be linked.
 */

import { isHeld } from "./bindings.js";
import { callDeps, callSelf } from "./callbacks.js";
import { importersFirst, linkedBy, tops } from "./plan.js";
import { isSameContent, ORIGIN, withVersion } from "./urls.js";

/**
 * @typedef {import('./plan.js').Plan} Plan
 * @typedef {import('./registry.js').Instance} Instance
 * @typedef {import('./registry.js').Evaluation} Evaluation
 * @typedef {import('./surroundings.js').UpdateMessage} UpdateMessage
 * @typedef {import('./linker.js').Failure} Failure
 */

export class Exchange {
  /** The newest version of each module that updates told of. @type {Map<string, string>} */
  versions = new Map();
  /** URLs of instances that were pruned, for which nothing newer may stand. @type {Set<string>} */
  pruned = new Set();
  /** Modules whose old instance the server has sent for a new one, after it was disposed
   * of: they have to be evaluated anew. @type {Set<string>} */
  returned = new Set();
  /** @type {Promise<void> | undefined} */
  #replacing;
  /** @type {Set<string>} */
  #affected = new Set();
  /** What the update has left loaded. @type {(key: string) => boolean} */
  #loaded = () => true;

  /**
   * @param {import('./registry.js').Registry} registry
   * @param {import('./page.js').Page} page
   * @param {import('./surroundings.js').Surroundings} surroundings
   * @param {import('./patience.js').Patience} patience
   */
  constructor(registry, page, surroundings, patience) {
    this.registry = registry;
    this.page = page;
    this.surroundings = surroundings;
    this.patience = patience;
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
   * Make the server's versions of modules that stay as they are this page's own.
   * Where an instance that stays has a new version, that has to mean the same instance.
   *
   * Done before anything new is linked: an import that was resolved once cannot be
   * given another meaning.
   *
   * @param {UpdateMessage} message
   * @param {(key: string) => boolean} isReplaced also in an update that is still due
   * @param {(key: string) => boolean} loaded
   */
  keep(message, isReplaced, loaded) {
    /** @type {Map<string, [string, string | undefined]>} */
    const kept = new Map();
    for (const [key, info] of Object.entries(message.modules)) {
      if (isReplaced(key)) this.#stay(key, info.previous);
      if (!info.version || isReplaced(key)) continue;
      const held = this.#held(key, info.previous);
      const runs = (this.versions.get(key) ?? held) === held;
      const waits = runs && held && this.surroundings.waiting.has(key) && isSameContent(held, info.version);
      this.versions.set(key, info.version);
      if (!loaded(key) && !(waits && isUnresolved(key, info.version))) continue;
      if (!held || held === info.version || this.pruned.has(withVersion(key, held))) continue;
      const newest = this.registry.newest(key);
      if (newest?.isGuess && this.page.loads.isComplete && isUnresolved(key, held)) {
        // Nobody has asked for it yet: it will be the new one that they get.
        newest.version = info.version;
        continue;
      }
      this.versions.set(key, held);
      if (this.registry.actual(key, info.version) === held) continue;
      this.registry.alias(key, info.version, held);
      kept.set(key, [info.version, held]);
    }
    if (kept.size) this.page.alias(kept);
  }

  /**
   * @param {string} key
   * @param {string | undefined} previous what the server takes for the version until now
   * @returns {string | undefined} that of the instance which imports find
   */
  #held(key, previous) {
    const { registry } = this;
    const newest = registry.newest(key);
    if (newest) return newest.version;
    // Those who import it know better than the server: it may have learnt where a file is
    // while the page was loaded.
    const told = this.versions.has(key) ? undefined : registry.versionOf(key);
    return told ?? registry.actual(key, previous);
  }

  /**
   * Go on with what the page runs until its update has turned out to be possible.
   *
   * @param {string} key
   * @param {string | undefined} previous
   */
  #stay(key, previous) {
    const held = this.#held(key, previous);
    if (held && !this.versions.has(key)) this.versions.set(key, held);
  }

  /**
   * Tell whether nothing is lost if the new instance cannot be had: there is but one, and
   * nothing of the old ones is let go of before it runs. To ask for it is then all the
   * check that it takes.
   *
   * @param {Plan} plan
   */
  isPlain({ replaced }) {
    const [key] = replaced;
    if (replaced.size !== 1 || !this.surroundings.info(key)?.version || this.page.gotDynamically(key)) return false;
    return this.registry.instances(key).every((old) => !old.disposers.length && !old.listeners.length);
  }

  /**
   * Evaluate the one new instance of a plain plan.
   *
   * @param {Plan} plan
   * @param {Map<string, any>} namespaces of what was evaluated, which grow
   * @returns {Promise<Failure | undefined>} why it cannot be had: then nothing is changed.
   *   What it throws when it runs is none.
   */
  async #tryOut({ replaced }, namespaces) {
    const [key] = replaced;
    const version = this.surroundings.info(key)?.version ?? "";
    const held = this.versions.get(key);
    this.versions.set(key, version);
    try {
      namespaces.set(key, await this.patience.wait(this.#namespace(key), `evaluating ${key}`));
      return undefined;
    } catch {
      const failure = await this.page.linker.link([withVersion(key, version)]);
      if (failure && held) this.versions.set(key, held);
      else if (failure) this.versions.delete(key);
      return failure;
    }
  }

  /**
   * @param {Plan} plan
   * @param {() => void} begun is called when `import()` waits for the new instances
   * @param {boolean} isLinked whether it is known that all of them can be had
   * @returns {Promise<boolean | Failure>} whether all of the new instances work
   */
  async replace(plan, begun, isLinked) {
    const { registry, page } = this;
    const { info } = this.surroundings;
    /** @type {Map<string, any>} */
    const namespaces = new Map();
    const held = new Map([...plan.replaced].map((key) => [key, this.versions.get(key)]));
    const time = ++registry.clock;
    let release = () => {};
    this.#replacing = new Promise((resolve) => (release = resolve));
    this.#affected = plan.replaced;
    begun();
    if (!isLinked) {
      page.loads.begin(time);
      const failure = await this.#tryOut(plan, namespaces);
      page.loads.end(time, time);
      if (failure || this.#isThere(plan)) {
        this.#replacing = undefined;
        release();
        return failure ?? true;
      }
    }
    await this.#dispose(plan, time);
    for (const key of plan.replaced) {
      const version = info(key)?.version;
      if (version) this.versions.set(key, version);
      page.unkept.delete(key);
      // What a module got by `import()` it has to get again, now that it runs anew.
      if (isLinked) page.unhold(key, (dep) => this.surroundings.orphans.has(dep));
    }
    /** @type {Map<string, Instance | undefined>} */
    const before = new Map();
    for (const key of plan.replaced) before.set(key, this.#older(key, time).at(-1));
    this.#replacing = undefined;
    release();

    page.loads.begin(time);
    const broken = await this.#evaluate(plan, namespaces);
    page.loads.end(time, time);
    this.#loaded = this.surroundings.loaded();
    this.#supersede(before, held, time, !broken.size);
    const fresh = await this.#takeOver(plan, before, broken, time, namespaces);
    this.#release(new Map([...before].filter(([key]) => fresh.has(key))));
    await this.#forward([...plan.replaced].filter((key) => !broken.size || fresh.has(key)), namespaces);
    await this.#callBack(plan, time, fresh, broken, namespaces);
    this.#release(new Map());
    return !broken.size;
  }

  /**
   * Tell whether the server has sent the instance that is there for the new one: its file
   * was saved as it had been, before anybody asked for what it was meanwhile.
   *
   * @param {Plan} plan of one module
   */
  #isThere({ replaced }) {
    const [key] = replaced;
    const version = this.versions.get(key);
    const actual = this.registry.actual(key, version);
    if (actual === version || this.registry.newest(key)?.version !== actual) return false;
    if (actual) this.versions.set(key, actual);
    return true;
  }

  /** @param {Plan} plan @param {number} time */
  async #dispose(plan, time) {
    // Importers first: they may still use what they import.
    for (const key of importersFirst(plan.replaced, this.surroundings.info)) {
      for (const old of this.#older(key, time)) {
        const doing = `dispose of ${key}`;
        try {
          await this.patience.wait(this.registry.dispose(old), doing);
        } catch (error) {
          this.page.reports.problem(doing, error, doing);
        }
      }
    }
  }

  /**
   * @param {Plan} plan
   * @param {Map<string, any>} namespaces of what was evaluated, which grow
   * @returns {Promise<Set<string>>} what could not be evaluated
   */
  async #evaluate(plan, namespaces) {
    const broken = new Set();
    for (const key of tops(plan)) {
      try {
        const namespace = namespaces.get(key) ?? await this.patience.wait(this.#namespace(key), `evaluating ${key}`);
        if (namespace) namespaces.set(key, namespace);
        this.page.loads.failed.delete(key);
      } catch (error) {
        if (this.page.loads.failed.has(key)) this.page.loads.failed.set(key, this.versions.get(key));
        broken.add(key);
        this.page.reports.problem(`evaluate ${key}`, error, `evaluating ${key}`);
      }
    }
    return broken;
  }

  /**
   * Take note of the evaluations of modules that do not tell of themselves.
   *
   * @param {Map<string, Instance | undefined>} before
   * @param {Map<string, string | undefined>} held the versions until now
   * @param {number} time
   * @param {boolean} works
   */
  #supersede(before, held, time, works) {
    const { registry } = this;
    for (const [key, old] of before) {
      if (old && !registry.silent.has(key)) continue;
      registry.supersede(key, held.get(key), time, works);
      const version = this.versions.get(key);
      if (old || registry.find(key, version)) continue;
      registry.silent.get(key)?.push({ version, born: time, times: [time], superseded: Infinity });
    }
  }

  /**
   * Let new instances take over from old ones where they were evaluated.
   *
   * @param {Plan} plan
   * @param {Map<string, Instance | undefined>} before
   * @param {Set<string>} broken
   * @param {number} time
   * @param {Map<string, any>} namespaces of what was evaluated
   * @returns {Promise<Set<string>>} the modules with a new instance that works
   */
  async #takeOver(plan, before, broken, time, namespaces) {
    const { registry } = this;
    const fresh = new Set();
    const imported = this.#imported(plan);
    for (const key of plan.replaced) {
      const old = before.get(key);
      const version = this.versions.get(key);
      const instance =
        registry.find(key, registry.actual(key, version)) ?? registry.instances(key).findLast(({ born }) => born >= time);
      if (instance && instance.version !== version) {
        // Its file was saved again, and the server has sent what is there now.
        this.versions.set(key, instance.version ?? "");
        namespaces.delete(key);
      }
      if (!instance) {
        // One that takes no part, no longer does, or that nobody has imported yet.
        if (!old || broken.size) continue;
        const { instance: silent } = registry.add(key, version);
        silent.born = time;
        silent.isGuess = !imported.has(key);
        old.superseded = time;
        fresh.add(key);
        continue;
      }
      if (broken.size && !(await this.#works(key))) {
        registry.retain(key, (other) => other !== instance);
        continue;
      }
      if (old === instance) {
        this.returned.add(key);
        continue;
      }
      fresh.add(key);
      if (old) old.superseded = time;
    }
    return fresh;
  }

  /** @param {Plan} plan of which all that is imported has been evaluated */
  #imported(plan) {
    const { page, versions, surroundings } = this;
    const asked = [...plan.replaced].filter((key) => page.holds(key, versions.get(key)));
    return new Set(linkedBy([...tops(plan), ...asked], plan.replaced, surroundings.info));
  }

  /**
   * The instances of a module that an update replaces.
   *
   * @param {string} key
   * @param {number} time at which it began
   */
  #older(key, time) {
    const version = this.surroundings.info(key)?.version;
    return this.registry.instances(key).filter((one) => one.version !== version && one.born < time);
  }

  /** @param {string} key whether its newest instance was evaluated to the end */
  async #works(key) {
    try {
      await this.patience.wait(this.#namespace(key), `evaluating ${key}`);
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Forget instances that no importer binds to any longer.
   *
   * @param {Map<string, Instance | undefined>} last those that have just been replaced,
   *   whose callbacks are still to run
   */
  #release(last) {
    const { registry, page, surroundings } = this;
    /** @type {Set<object>} */
    const live = new Set([...last.values()].filter((old) => old !== undefined));
    /** @type {{key: string, one: Instance | Evaluation, importers: string[]}[]} */
    const doubtful = [];
    for (const [key, newest, all] of registry.all()) {
      if (newest) live.add(newest);
      const old = all.filter((one) => !live.has(one));
      if (!old.length) continue;
      const importers = surroundings.info(key)?.importers.filter(this.#loaded) ?? [];
      for (const one of old) doubtful.push({ key, one, importers });
    }
    // From the newest ones down: what binds to each other only, in a circle, is over.
    for (let count = -1; count < live.size; ) {
      count = live.size;
      for (const { key, one, importers } of doubtful) {
        if (!live.has(one) && isHeld(key, one, importers, surroundings.former(key), live, registry, page)) live.add(one);
      }
    }
    for (const { key } of doubtful) registry.retain(key, (one) => live.has(one));
  }

  /**
   * @param {Plan} plan
   * @param {number} time
   * @param {Set<string>} fresh
   * @param {Set<string>} broken
   * @param {Map<string, any>} namespaces of what was evaluated
   */
  async #callBack(plan, time, fresh, broken, namespaces) {
    const { registry, page, patience } = this;
    const works = [...plan.acceptors].filter(([dep]) => !broken.has(dep));
    const acceptors = new Map(works);
    /** @param {string} key */
    const namespace = async (key) => namespaces.get(key) ?? this.#namespace(key);
    const shell = { registry, page, patience, namespace };
    await callDeps(acceptors, time, shell);
    const boundaries = [...plan.boundaries].filter((key) => fresh.has(key));
    await callSelf(boundaries, shell);
  }

  /**
   * Set the exports of what stands for modules with a new instance.
   *
   * @param {string[]} keys
   * @param {Map<string, any>} namespaces of what was evaluated
   */
  async #forward(keys, namespaces) {
    for (const key of keys) {
      const sets = this.page.forwards.get(key);
      if (!sets) continue;
      const namespace = namespaces.get(key) ?? await this.#namespace(key);
      for (const set of sets) set(namespace);
    }
  }

  /** @param {string} key the namespace of its newest instance */
  #namespace(key) {
    const told = this.versions.get(key) ?? this.surroundings.info(key)?.version;
    return this.page.importModule(key, told ?? this.registry.versionOf(key));
  }
}

/**
 * Tell whether nothing has imported a URL yet, so that an import map may redirect it.
 *
 * @param {string} key
 * @param {string} version
 */
function isUnresolved(key, version) {
  return !performance.getEntriesByName(ORIGIN + withVersion(key, version)).length;
}
