// @ts-check
/**
 * What the modules of this page registered when they ran.
 *
 * A module is known by its key, an instance is one evaluation of it. Nothing in this
 * file touches the document or the network.
 */

import { makeHot } from "./hot.js";
import { keyOf, splitVersion, withVersion } from "./urls.js";

/**
 * @typedef {(update: any) => any} Callback
 * @typedef {{version: string | undefined, born: number, times: number[], superseded: number}}
 *   Evaluation of a module that takes no part: `times` at which it may have been, for the
 *   first one, those since `born`
 * @typedef {{deps: string[], single: boolean, callback: Callback | undefined}} DepAccept
 */

/** One evaluation of a module. */
export class Instance {
  /** @type {Callback[]} */
  selfCallbacks = [];
  /** @type {DepAccept[]} */
  depAccepts = [];
  /** @type {((data: any) => any)[]} */
  disposers = [];
  /** @type {((data: any) => any)[]} */
  pruners = [];
  /** @type {{event: string, callback: Callback, listener: Callback}[]} */
  listeners = [];
  selfAccepts = false;
  bubbles = false;
  /** Exports whose importers need not see an update. @type {Set<string> | undefined} */
  acceptedExports;
  declines = false;
  disposed = false;
  /** Whether it told what it binds to: it takes part. */
  tells = false;
  /** What it imports by the page's import map, which stays as it was first. @type {Set<string>} */
  bound = new Set();
  /** Whether it may import more than it told. */
  computes = false;
  /** Whether nothing but its replacement is known of it: nobody may have imported it. */
  isGuess = false;
  /** When a newer instance took its place: a time of the registry's clock. */
  superseded = Infinity;

  /**
   * @param {string} key
   * @param {string | undefined} version
   * @param {Map<string, string>} imports specifier as written to key
   * @param {Map<string, string | undefined>} holds key to the version it binds to
   * @param {number} born the registry's time
   * @param {number} order its place among all instances
   */
  constructor(key, version, imports, holds, born, order) {
    this.key = key;
    this.version = version;
    this.imports = imports;
    this.holds = holds;
    this.born = born;
    this.order = order;
  }
}

/** A module with all its instances that still matter, the newest last. */
export class Module {
  /** @type {Instance[]} */
  instances = [];
  /** @type {Record<string, any>} */
  data = {};
}

export class Registry {
  /** @type {Map<string, Module>} */
  #modules = new Map();
  #count = 0;

  /** Whether all that runs of a module has told what it binds to. @param {string} key */
  tellsAll(key) {
    const instances = this.instances(key);
    return instances.length > 0 && instances.every(({ tells }) => tells);
  }

  /** How many instances there ever were. */
  get count() {
    return this.#count;
  }

  /** Warnings that were given, since one is enough. @type {Set<string>} */
  warned = new Set();
  /** Counts loads and updates, to tell what was evaluated before what. */
  clock = 0;
  /** Times at which modules were loaded whose importers nobody could tell. */
  loads = [0];
  /** Evaluations of modules that take no part, once updates evaluate them, the newest
   * last. @type {Map<string, Evaluation[]>} */
  silent = new Map();
  /** All that was ever set up: the browser evaluates none of them again. @type {Set<string>} */
  #ran = new Set();
  /** Inline scripts of the document that take part. @type {Instance[]} */
  #scripts = [];
  /** Version to the one that stands for it here, by key. @type {Map<string, Map<string, string>>} */
  aliases = new Map();

  /**
   * @param {import('./events.js').Events} events
   * @param {{isDocument(url: string): boolean, mayBeOf(key: string, time: number): boolean,
   *   invalidate(instance: Instance, message: string | undefined): void, send(event: string, data: any): void, problem(error: unknown, doing: string): void}} shell
   */
  constructor(events, shell) {
    this.events = events;
    this.shell = shell;
  }

  /**
   * Make the API for a module that is about to be evaluated.
   *
   * @param {ImportMeta & {hot?: any, dispose?: any, url: string}} meta
   * @param {Record<string, string>} imports specifier as written to versioned URL
   * @param {string[]} [others] what it imports besides, which only this page can tell
   * @param {boolean} [computes] whether it may import more, by names that its code makes
   */
  setup(meta, imports, others = [], computes = false) {
    const place = keyOf(meta.url);
    if (!place) return;
    const names = new Map();
    const holds = new Map();
    for (const [specifier, url] of Object.entries(imports)) {
      const [key, version] = splitVersion(url);
      names.set(specifier, key);
      if (version) holds.set(key, version);
    }
    const bound = new Set();
    const resolve = resolverOf(meta);
    for (const specifier of others) {
      const found = resolve(specifier);
      if (!found) continue;
      names.set(specifier, found.key);
      holds.set(found.key, found.version);
      bound.add(found.key);
    }
    const { instance, module } = this.shell.isDocument(meta.url)
      ? this.#addScript(place.key, names, holds)
      : this.add(place.key, place.version, names, holds);
    this.#ran.add(withVersion(place.key, place.version));
    instance.tells = true;
    instance.computes = computes;
    instance.bound = bound;
    meta.url = splitVersion(meta.url)[0];
    meta.hot = makeHot(instance, module, resolve, this);
    meta.dispose = meta.hot.dispose;
  }

  /**
   * Take note of an instance: by itself one that registers nothing.
   *
   * @param {string} key
   * @param {string | undefined} version
   * @param {Map<string, string>} [names] specifier as written to key
   * @param {Map<string, string | undefined>} [holds] key to the version it binds to
   */
  add(key, version, names = new Map(), holds = new Map()) {
    const order = ++this.#count;
    const instance = new Instance(key, version, names, holds, this.clock, order);
    let module = this.#modules.get(key);
    if (!module) this.#modules.set(key, (module = new Module()));
    module.instances.push(instance);
    return { instance, module };
  }

  /**
   * An inline script has the URL of the document, and is never evaluated again.
   *
   * @param {string} key
   * @param {Map<string, string>} names
   * @param {Map<string, string | undefined>} holds
   */
  #addScript(key, names, holds) {
    const instance = new Instance(key, undefined, names, holds, this.clock, ++this.#count);
    this.#scripts.push(instance);
    return { instance, module: new Module() };
  }

  /** @param {string} key the inline scripts that import a module */
  scriptsOf(key) {
    return this.#scripts.filter((script) => script.holds.has(key));
  }

  /** @param {string} key */
  has(key) {
    return this.instances(key).length > 0;
  }

  /** @param {string} key whether an instance of it is known to run */
  runs(key) {
    const newest = this.newest(key);
    return !!newest && !newest.isGuess;
  }

  /**
   * Find what a new instance of a module would be bound to an old instance of.
   *
   * @param {string} key
   * @returns {string | undefined} the key of the other
   */
  stuckOn(key) {
    const newest = this.newest(key);
    return [...(newest?.bound ?? [])].find((dep) => {
      const current = this.newest(dep)?.version ?? this.silent.get(dep)?.at(-1)?.version;
      return current && current !== this.actual(dep, newest?.holds.get(dep));
    });
  }

  /**
   * The modules that the newest instances bind to.
   *
   * @param {(key: string) => boolean} [is] of which modules, of all if it is left out
   */
  held(is = () => true) {
    return new Set(this.keys().filter(is).flatMap((key) => [...(this.newest(key)?.holds.keys() ?? [])]));
  }

  /** @param {string} key the version that is known here, of a module no update told of */
  versionOf(key) {
    const own = this.newest(key)?.version;
    const holders = own ? [] : this.keys().map((importer) => this.newest(importer));
    const held = holders.map((holder) => holder?.holds.get(key)).find((version) => version);
    return own ?? this.actual(key, held);
  }

  keys() {
    return [...this.#modules.keys()].filter((key) => this.has(key));
  }

  /** @param {string} key */
  instances(key) {
    return this.#modules.get(key)?.instances ?? [];
  }

  /** @param {string} key those that may have accepted something, inline scripts too */
  acceptors(key) {
    return [...this.instances(key), ...this.#scripts.filter((script) => script.key === key)];
  }

  /** @param {string} key @returns {Instance | undefined} */
  newest(key) {
    return this.instances(key).at(-1);
  }

  /** @param {string} key @param {string} version whether it was evaluated, at any time */
  hasRun(key, version) {
    return this.#ran.has(withVersion(key, version));
  }

  /** @param {string} key @param {string | undefined} version */
  find(key, version) {
    return this.instances(key).findLast((instance) => instance.version === version);
  }

  /** @param {string} key */
  data(key) {
    return this.#modules.get(key)?.data;
  }

  /**
   * Take note that an update has evaluated a module that told nothing of itself before.
   *
   * @param {string} key
   * @param {string | undefined} before its version until then
   * @param {number} time
   * @param {boolean} works whether the new evaluation is known to have succeeded
   */
  supersede(key, before, time, works) {
    const first = { version: before, born: 0, times: this.#loadTimes(key), superseded: Infinity };
    const past = this.silent.get(key) ?? [first];
    if (works) for (const one of past) one.superseded = Math.min(one.superseded, time);
    this.silent.set(key, past);
  }

  /**
   * @param {string} key
   * @param {Set<object>} live
   * @returns {number[]} when what others may still bind to was evaluated, unless it tells
   */
  silentTimes(key, live) {
    const past = this.silent.get(key);
    if (past) return past.filter((one) => live.has(one)).flatMap(({ times }) => times);
    return this.has(key) ? [] : this.#loadTimes(key);
  }

  /** @param {string} key when it may have been loaded, if no update evaluated it */
  #loadTimes(key) {
    return this.loads.filter((time) => this.shell.mayBeOf(key, time));
  }

  /**
   * All that is remembered of each module, by instances or evaluations.
   *
   * @returns {[string, Instance | Evaluation | undefined, (Instance | Evaluation)[]][]}
   *   with the one that imports find, if it is among them
   */
  all() {
    /** @type {[string, Instance | Evaluation | undefined, (Instance | Evaluation)[]][]} */
    const all = this.keys().map((key) => [key, this.newest(key), this.instances(key)]);
    for (const [key, past] of this.silent) {
      all.push([key, this.has(key) ? undefined : past.at(-1), past]);
    }
    return all;
  }

  /**
   * Forget instances, with what they listen to.
   *
   * @param {string} key
   * @param {(one: Instance | Evaluation) => boolean} keep
   */
  retain(key, keep) {
    const past = this.silent.get(key);
    if (past) this.silent.set(key, past.filter(keep));
    const module = this.#modules.get(key);
    if (!module) return;
    for (const instance of module.instances) if (!keep(instance)) this.silence(instance);
    module.instances = module.instances.filter(keep);
  }

  /** @param {string} key */
  forget(key) {
    this.retain(key, () => false);
    this.#modules.delete(key);
    this.silent.delete(key);
  }

  /** @param {Instance} instance */
  silence(instance) {
    for (const { event, listener } of instance.listeners) this.events.off(event, listener);
    instance.listeners = [];
  }

  /**
   * Take note that a version stands for the instance of another one in this page.
   *
   * @param {string} key
   * @param {string} version
   * @param {string} held that of the instance
   */
  alias(key, version, held) {
    const aliases = this.aliases.get(key) ?? new Map();
    this.aliases.set(key, aliases.set(version, held));
  }

  /**
   * The version that an instance really has, where this page kept an earlier one.
   *
   * @param {string} key
   * @param {string | undefined} version
   */
  actual(key, version) {
    return (version && this.aliases.get(key)?.get(version)) ?? version;
  }

  /**
   * The last version that was made to stand for another: the reverse.
   *
   * @param {string} key
   * @param {string} version
   */
  named(key, version) {
    const names = [...(this.aliases.get(key) ?? [])].filter(([, held]) => held === version);
    return names.at(-1)?.[0] ?? version;
  }

  /**
   * Run what an instance wants done before it is replaced, once.
   *
   * @param {Instance} instance
   */
  async dispose(instance) {
    if (instance.disposed) return;
    instance.disposed = true;
    this.silence(instance);
    for (const callback of instance.disposers) {
      await this.#run(callback, this.data(instance.key), `dispose of ${instance.key}`);
    }
  }

  /** @param {Instance} instance */
  async prune(instance) {
    for (const callback of instance.pruners) {
      await this.#run(callback, this.data(instance.key), `prune of ${instance.key}`);
    }
  }

  /**
   * @param {Callback} callback
   * @param {any} argument
   * @param {string} doing
   */
  async #run(callback, argument, doing) {
    try {
      await callback(argument);
    } catch (error) {
      this.shell.problem(error, doing);
    }
  }
}

/**
 * What finds the module that a specifier means where some module uses it.
 *
 * @param {ImportMeta} meta that module's
 * @returns {(specifier: string) => {key: string, version: string | undefined} | undefined}
 *   nothing for what no import map explains, and for other origins
 */
function resolverOf(meta) {
  const base = splitVersion(meta.url)[0];
  const native = meta.resolve;
  return (specifier) => {
    try {
      return keyOf(native ? native(specifier) : new URL(specifier, base).href);
    } catch {
      return undefined;
    }
  };
}
