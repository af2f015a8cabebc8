// @ts-check
/**
 * What the document itself has loaded, apart from what its modules import.
 *
 * Elements tell what they load. Scripts that were taken out again, those in shadow
 * roots, and what classic scripts import show in the browser's own list of requests:
 * nobody gave their URLs a version.
 */

import { allIn } from "./roots.js";
import { keyOf } from "./urls.js";

/** Requests that browsers keep in mind: https://www.w3.org/TR/resource-timing/, section 4.3. */
const KEPT = 250;

export class Loads {
  /** Scripts of the document, by their keys. @type {Set<string>} */
  entries = new Set();
  /** Those of them that are no modules. @type {Set<string>} */
  classic = new Set();
  /** What inline scripts import that take no part. @type {Set<string>} */
  inline = new Set();
  /** What was got by `import()`, by whom, in whatever instances. @type {Map<string, Set<string>>} */
  dynamic = new Map();
  /** Entries that could not be loaded, with their version then. @type {Map<string, string | undefined>} */
  failed = new Map();
  /** Those of them that the browser would not even try again under their URL. @type {Set<string>} */
  stuck = new Set();
  /** What an `import()` could not load. @type {Set<string>} */
  refused = new Set();
  /** Modules that were not there for a while: imports of them had no version. @type {Set<string>} */
  missed = new Set();
  /** All that the page is known to have asked for. @type {Set<string>} */
  requested = new Set();
  /** When that was evaluated, at the earliest and the latest. @type {Map<string, [number, number]>} */
  #times = new Map();
  /** Times at which something began to load that is not all there. */
  #open = [0];
  /** Whether all requests are known: browsers keep no more than some in mind. */
  #isComplete = true;
  /** What may be the script of a worker. @type {Set<string>} */
  workers = new Set();
  /** @type {PerformanceObserver | undefined} */
  #observer;

  #foundWorker = (/** @type {string} */ key) => {};

  /**
   * Begin to follow what the browser requests.
   *
   * @param {(key: string) => void} foundWorker is called for what may be a worker's script
   */
  follow(foundWorker) {
    this.#foundWorker = foundWorker;
    this.#observer = new PerformanceObserver((list) => this.#note(list.getEntries()));
    this.#observer.observe({ type: "resource", buffered: true });
    this.#isComplete = performance.getEntriesByType("resource").length < KEPT;
  }

  /** Whether it is known of every module that it was asked for. */
  get isComplete() {
    return this.#isComplete;
  }

  /** @param {string} key whether it may be that the page has asked for a module */
  mayHave(key) {
    return !this.#isComplete || this.requested.has(key);
  }

  /** @param {number} time at which something begins to load */
  begin(time) {
    this.#open.push(time);
  }

  /**
   * Take note that something has been loaded, with all that it imports.
   *
   * @param {number} since when it began
   * @param {number} time
   */
  end(since, time) {
    this.look();
    const from = Math.min(...this.#open);
    for (const key of this.requested) {
      if (!this.#times.has(key)) this.#times.set(key, [from, time]);
    }
    this.#open.splice(this.#open.indexOf(since), 1);
  }

  /**
   * @param {string} key
   * @param {number} time whether a module may have been loaded just then
   */
  mayBeOf(key, time) {
    const [from, to] = this.#times.get(key) ?? [0, Infinity];
    return from <= time && time <= to;
  }

  /** Take note of all that was loaded up to now. */
  look() {
    for (const script of scripts()) {
      const place = keyOf(script.src);
      if (!place) continue;
      this.entries.add(place.key);
      if (!isModule(script)) this.classic.add(place.key);
    }
    this.#note(this.#observer?.takeRecords() ?? []);
  }

  /** @param {PerformanceEntryList} requests */
  #note(requests) {
    for (const request of /** @type {PerformanceResourceTiming[]} */ (requests)) {
      const place = keyOf(request.name);
      if (!place) continue;
      // Data that a page asks for again and again must not pile up.
      if (place.version || request.initiatorType === "script") this.requested.add(place.key);
      if (place.version || request.responseStatus >= 400) continue;
      if (request.initiatorType === "script" && !this.missed.has(place.key)) this.entries.add(place.key);
      // The browser gives workers no name of their own; other things are no JavaScript.
      if (request.initiatorType === "other" && /\.m?js(\?|$)/.test(place.key)) {
        if (!this.workers.has(place.key)) this.#foundWorker(place.key);
        this.workers.add(place.key);
      }
    }
  }
}

/** The document's scripts that have a URL, but for the client runtime. */
export function scripts() {
  return query("script[src]").filter((s) => s.src && !s.noModule && !s.hasAttribute("data-hmr"));
}

/** @param {HTMLScriptElement} script */
export function isModule(script) {
  return script.type.trim().toLowerCase() === "module";
}

/** @param {string} selector @returns {HTMLScriptElement[]} */
export function query(selector) {
  if (typeof document === "undefined") return [];
  return /** @type {HTMLScriptElement[]} */ (allIn(document, selector));
}
