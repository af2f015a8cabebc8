// @ts-check
/**
 * The page around the modules: what it has loaded, how it imports, when it reloads.
 *
 * In a worker there is no document; what needs one does nothing there.
 */

import { Linker } from "./linker.js";
import { isModule, Loads, query, scripts } from "./loads.js";
import { Reports, stackOf } from "./reports.js";
import { save } from "./restore.js";
import { steady } from "./steady.js";
import { Unloaded } from "./unloaded.js";
import { attributesOf, isBare, keyOf, ORIGIN, splitVersion, withoutVersions, withVersion } from "./urls.js";

/**
 * @typedef {{session?: string, seq?: number, code?: string, inline?: string[], posted?: boolean,
 *   assets?: number, editor?: boolean, templates?: Record<string, string>, document?: string, source?: string, console?: string[]}} Mark
 */

const doc = typeof document === "undefined" ? undefined : document;
/** Longest that updates wait for module scripts of the page, in milliseconds. */
const PATIENCE = 3000;

export class Page {
  loads = new Loads();
  reloading = false;
  /** Resolves when the page's own modules have been evaluated. @type {Promise<void>} */
  ready;
  /** What the server wrote into the document. @type {Mark} */
  mark = {};
  /** What this page calls itself where an inspector shows it. */
  id = Math.random().toString(36).slice(2);
  /** The last change of modules that it has dealt with. @type {number | undefined} */
  seq;
  /** Modules whose newer URLs could not be made to stand for them. @type {Set<string>} */
  unkept = new Set();
  /** What stands for the newest instance of a module: sets its exports. @type {Map<string, ((namespace: any) => void)[]>} */
  forwards = new Map();
  #starting = true;
  /** Whether an error told where in the app's code it comes from. */
  #isTold = false;
  /** Instances that results of `import()` keep in use: URL to importers. @type {Map<string, Set<string>>} */
  #dynamic = new Map();

  /**
   * @param {URL} base of the server's own endpoints
   * @param {import('./events.js').Events} events
   * @param {(message: object) => void} send
   */
  constructor(base, events, send) {
    this.base = base;
    this.events = events;
    this.send = send;
    const tag = query("script[data-hmr]")[0];
    if (tag) {
      this.mark = JSON.parse(tag.getAttribute("data-hmr") ?? "{}");
      this.loads.inline = new Set(this.mark.inline);
      this.nonce = /** @type {HTMLElement} */ (tag).nonce;
      addEventListener("error", (event) => this.#onError(event), true);
    }
    this.reports = new Reports(events, send, !!this.mark.editor);
    this.linker = new Linker(base, this.nonce, (key) => {
      this.loads.look();
      return this.loads.mayHave(key);
    });
    this.unloaded = new Unloaded(this.linker, this.reports);
    this.ready = this.#start();
  }

  async #start() {
    if (!doc) return;
    // To import them earlier would evaluate them in another order than the document's:
    // this runs as one of them, when all is parsed.
    const [navigation] = performance.getEntriesByType("navigation");
    const entry = /** @type {PerformanceNavigationTiming | undefined} */ (navigation);
    if (doc.readyState !== "complete" && !entry?.domContentLoadedEventStart) {
      await new Promise((resolve) => {
        for (const event of ["DOMContentLoaded", "load"]) addEventListener(event, resolve, { once: true });
      });
    }
    const evaluated = scripts().filter(isModule).map((script) => this.#evaluated(script.src));
    const late = new Promise((resolve) => setTimeout(resolve, PATIENCE));
    await Promise.race([Promise.all(evaluated), late]);
    this.#starting = false;
  }

  /** @param {string} url of a module script */
  async #evaluated(url) {
    const place = keyOf(url);
    try {
      if (place) await import(url);
    } catch (error) {
      if (place) this.loads.failed.set(place.key, place.version);
      // What throws or does not parse has been shown by the event of the window.
      if (!this.#isTold) {
        const path = withVersion(place?.key ?? url, place?.version);
        this.reports.show("load", await this.linker.diagnose([path], error));
      }
    }
  }

  /** Whether the page's own modules are still being evaluated for the first time. */
  get isStarting() {
    return this.#starting;
  }

  /** @param {Event} event whether it is told as a problem of the page, or of an update */
  tells(event) {
    return this.linker.isDiagnosing || this.#isOfStart(event);
  }

  /** @param {Event} event @returns {event is ErrorEvent} */
  #isOfStart(event) {
    return this.#starting && this.linker.locates(event);
  }

  /** @param {Event} event */
  async #onError(event) {
    if (!this.#isOfStart(event)) return;
    this.#isTold = true;
    const problem = await this.linker.locate(event);
    const title = event.error instanceof SyntaxError ? "Syntax error" : "Error while loading";
    this.reports.show("load", { title, stack: stackOf(event.error), ...problem });
  }

  /** The import maps of the document, which say what bare specifiers mean. */
  importMaps() {
    const base = location.pathname + location.search;
    return query("script[type=importmap]:not([data-hmr-alias])").map((script) => ({
      text: withoutVersions(script.textContent ?? ""),
      base: keyOf(/** @type {Document} */ (doc).baseURI)?.key ?? base,
    }));
  }

  /**
   * Leave out importers to which a specifier means another module in this page.
   *
   * @param {string} key
   * @param {import('./plan.js').Info} info of the module, changed in place
   * @param {import('./registry.js').Registry} registry
   */
  settle(key, info, registry) {
    for (const [importer, specifier] of Object.entries(info.unsettled ?? {})) {
      if (this.#means(specifier, importer, key, registry)) continue;
      info.importers = info.importers.filter((other) => other !== importer);
      info.dynamicImporters = info.dynamicImporters?.filter((other) => other !== importer);
    }
    return info;
  }

  /**
   * @param {string} specifier
   * @param {string} importer
   * @param {string} key
   * @param {import('./registry.js').Registry} registry
   */
  #means(specifier, importer, key, registry) {
    const told = registry.newest(importer)?.imports.get(specifier);
    if (told) return told === key;
    // What a scope says of a module that says nothing itself cannot be asked.
    if (this.importMaps().some(({ text }) => text.includes('"scopes"'))) return true;
    return meaningOf(isBare(specifier) ? specifier : new URL(specifier, ORIGIN + importer).href) === key;
  }

  /**
   * @param {string} key
   * @param {string | null | undefined} version
   * @returns {Promise<any>}
   */
  importModule(key, version) {
    return import(ORIGIN + withVersion(key, version), attributesOf(key));
  }

  /**
   * @param {string} key
   * @returns {Promise<string | undefined>} its present version, if the server can tell
   */
  async versionOf(key) {
    const url = new URL("version", this.base);
    url.searchParams.set("url", key);
    try {
      return (await (await fetch(url)).json()).version ?? undefined;
    } catch {
      return undefined;
    }
  }

  /**
   * @param {import('./registry.js').Instance} instance
   * @returns {Promise<any>} nothing for a script in the document, which exports nothing
   */
  async namespaceOf({ key, version }) {
    return this.isDocument(ORIGIN + withVersion(key, version)) ? {} : this.importModule(key, version);
  }

  /** @param {string} url whether modules of this URL are scripts in the document */
  isDocument(url) {
    return !!doc && withoutHash(url) === withoutHash(doc.baseURI);
  }

  /**
   * Take note of who got an instance by `import()`.
   *
   * @param {string} importer
   * @param {string} key
   * @param {string | undefined} version
   */
  hold(importer, key, version) {
    const url = withVersion(key, version);
    const importers = this.#dynamic.get(url) ?? new Set();
    this.#dynamic.set(url, importers.add(importer));
    const users = this.loads.dynamic.get(key) ?? new Set();
    this.loads.dynamic.set(key, users.add(importer));
  }

  /** The URLs of instances that modules got by `import()`. */
  get dynamicUrls() {
    return [...this.#dynamic.keys()];
  }

  /** @param {string} importer whether it got anything by `import()` */
  gotDynamically(importer) {
    return [...this.loads.dynamic.values()].some((users) => users.has(importer));
  }

  /**
   * Let go of instances that a module has got by `import()`.
   *
   * @param {string} importer which is evaluated again, or is gone
   * @param {(key: string) => boolean} isDropped whether it does not import a module any
   *   longer; the others it may still get, and what they have done is there
   */
  unhold(importer, isDropped) {
    for (const importers of this.#dynamic.values()) importers.delete(importer);
    for (const [key, users] of this.loads.dynamic) {
      if (isDropped(key) && users.delete(importer) && !users.size) this.#forget(key);
    }
  }

  /**
   * A module that was asked for could not be had.
   *
   * @param {string} importer
   * @param {string} key
   * @param {string | undefined} version
   */
  refuse(importer, key, version) {
    this.#dynamic.get(withVersion(key, version))?.delete(importer);
    const users = this.loads.dynamic.get(key);
    // An earlier instance that it got is still there.
    const has = [...this.#dynamic].some(([url, importers]) => splitVersion(url)[0] === key && importers.has(importer));
    if (!has && users?.delete(importer) && !users.size) this.#forget(key);
  }

  /** @param {string} key of a module that nobody has got by `import()` any longer */
  #forget(key) {
    this.loads.dynamic.delete(key);
    for (const url of this.#dynamic.keys()) if (splitVersion(url)[0] === key) this.#dynamic.delete(url);
  }

  /** @param {string} key @param {string | undefined} version */
  holds(key, version) {
    return !!this.#dynamic.get(withVersion(key, version))?.size;
  }

  /**
   * @param {string} reason
   * @param {string} [cause] what must not make the page reload again when it loads
   * @param {boolean} [isEarly] whether it happened while the page was loading
   */
  reload(reason, cause, isEarly = this.#starting) {
    if (this.reloading) return;
    if (cause && isEarly && remembered() === cause) {
      const message = `${withoutVersions(reason)} each time that the page loads. It stays as it is now.`;
      this.reports.show("reload", { title: "The page would reload for ever", message });
      return;
    }
    if (cause) remember(cause);
    const text = `reload ${withoutVersions(reason)}`;
    const place = doc && { page: this.id, url: location.pathname, seq: this.seq };
    this.send({ type: "report", level: "info", text, reason: withoutVersions(reason), ...place });
    if (!doc) {
      console.warn(`[hmr] this worker needs a reload of its page: ${reason}`);
      return;
    }
    if (this.mark.posted) {
      const message = `${withoutVersions(reason)}. This page is the answer to a form, so reload it yourself.`;
      this.reports.show("reload", { title: "The page is out of date", message });
      return;
    }
    this.reloading = true;
    console.info(`[hmr] ${text}`);
    this.events.emit("hmr:beforeFullReload", { reason });
    steady(this.base).then(() => {
      save();
      location.reload();
    });
  }

  /**
   * Make newer URLs of modules stand for the instances that are there, in imports
   * that are still to come.
   *
   * @param {Map<string, [string, string | undefined]>} kept key to new and old version
   */
  alias(kept) {
    if (!doc) return;
    /** @type {Record<string, string>} */
    const imports = {};
    for (const [key, [version, held]] of kept) {
      imports[withVersion(key, version)] = withVersion(key, held);
    }
    const script = doc.createElement("script");
    script.type = "importmap";
    script.setAttribute("data-hmr-alias", "");
    if (this.nonce) script.nonce = this.nonce;
    script.textContent = JSON.stringify({ imports });
    doc.head.append(script);
    script.remove();
    for (const key of kept.keys()) {
      const [version, held] = /** @type {[string, string | undefined]} */ (kept.get(key));
      // A policy may forbid it, and older browsers take one import map only.
      const meant = import.meta.resolve(ORIGIN + withVersion(key, version));
      if (meant === ORIGIN + withVersion(key, held)) this.unkept.delete(key);
      else this.unkept.add(key);
    }
  }
}

/** @param {string} specifier @returns {string | undefined} the key, if it has one here */
function meaningOf(specifier) {
  try {
    return keyOf(import.meta.resolve(specifier))?.key;
  } catch {
    // A bare name that no import map of this page explains.
    return undefined;
  }
}

/** @param {string} url */
function withoutHash(url) {
  return url.split("#", 1)[0];
}

const CAUSE = "flask-hmr:reload";

/** What made this tab reload last, where pages may store something. */
function remembered() {
  try {
    return sessionStorage.getItem(CAUSE);
  } catch {
    return null;
  }
}

/** @param {string} cause */
function remember(cause) {
  try {
    sessionStorage.setItem(CAUSE, cause);
  } catch {
    // A page that may not store anything may reload more than once.
  }
}
