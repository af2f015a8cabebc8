// @ts-check
/**
 * The page around the modules: what the document loads, reloads, problems.
 *
 * In a worker there is no document; what needs one does nothing there.
 */

import { Overlay } from "./overlay.js";
import { attributesOf, keyOf, splitVersion, withoutVersions, withVersion } from "./urls.js";

/**
 * @typedef {import('./problem.js').Problem} Problem
 * @typedef {{session?: string, seq?: number, inline?: string[]}} Mark
 */

const doc = typeof document === "undefined" ? undefined : document;
const FRAME_LINES = 3;
/** Longest that updates wait for module scripts of the page, in milliseconds. */
const PATIENCE = 3000;
/** Longest list of modules in the URL of one check, in characters. */
const CHECK_LENGTH = 1500;

export class Page {
  /** What the document itself loads. @type {import('./plan.js').Loads} */
  loads = { entries: new Set(), inline: new Set(), dynamic: new Set(), failed: new Set() };
  reloading = false;
  /** Resolves when the page's own modules have been evaluated. @type {Promise<void>} */
  ready;
  /** What the server wrote into the document. @type {Mark} */
  mark = {};
  #overlay = new Overlay();
  /** What is shown at present, so that it is told once. @type {Map<string, string>} */
  #shown = new Map();
  #checks = 0;
  #starting = true;
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
    this.ready = this.#start();
  }

  async #start() {
    if (!doc) return;
    if (doc.readyState === "loading") {
      await new Promise((resolve) => {
        addEventListener("DOMContentLoaded", resolve, { once: true });
      });
    }
    this.lookForEntries();
    const evaluated = [...this.loads.entries].map((key) => this.#evaluated(key));
    const late = new Promise((resolve) => setTimeout(resolve, PATIENCE));
    await Promise.race([Promise.all(evaluated), late]);
    this.#starting = false;
  }

  /** @param {string} key */
  async #evaluated(key) {
    const script = moduleScripts().find((s) => keyOf(s.src)?.key === key);
    try {
      if (script) await import(script.src);
    } catch (error) {
      this.loads.failed.add(key);
      // What throws or does not parse has been shown by the event of the window.
      if (!this.#overlay.keys.includes("load")) {
        this.show("load", await this.#diagnose([script?.src ?? key], error));
      }
    }
  }

  /** Take note of module scripts in the document. */
  lookForEntries() {
    for (const script of moduleScripts()) {
      const place = keyOf(script.src);
      if (place) this.loads.entries.add(place.key);
    }
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
   */
  settle(key, info) {
    for (const [importer, specifier] of Object.entries(info.unsettled ?? {})) {
      if (keyOf(import.meta.resolve(specifier))?.key === key) continue;
      info.importers = info.importers.filter((other) => other !== importer);
      info.dynamicImporters = info.dynamicImporters?.filter((other) => other !== importer);
    }
    return info;
  }

  /**
   * @param {string} key
   * @param {string | null | undefined} version
   * @returns {Promise<any>}
   */
  importModule(key, version) {
    const url = location.origin + withVersion(key, version);
    return import(url, attributesOf(key));
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
  }

  /** The URLs of instances that modules got by `import()`. */
  get dynamicUrls() {
    return [...this.#dynamic.keys()];
  }

  /** @param {string} importer which is evaluated again */
  unhold(importer) {
    for (const [url, importers] of this.#dynamic) {
      if (!importers.delete(importer) || importers.size) continue;
      this.#dynamic.delete(url);
      this.loads.dynamic.delete(splitVersion(url)[0]);
    }
  }

  /** @param {string} key @param {string | undefined} version */
  holds(key, version) {
    return !!this.#dynamic.get(withVersion(key, version))?.size;
  }

  /** @param {string} reason */
  reload(reason) {
    if (this.reloading) return;
    const text = `reload ${withoutVersions(reason)}`;
    this.send({ type: "report", level: "info", text });
    if (!doc) {
      console.warn(`[hmr] this worker needs a reload of its page: ${reason}`);
      return;
    }
    this.reloading = true;
    console.info(`[hmr] ${text}`);
    this.events.emit("hmr:beforeFullReload", { reason });
    location.reload();
  }

  /**
   * Link modules without evaluating any.
   *
   * A module of the server's imports them all and then a name that does not exist.
   * If that is what linking stumbles over, everything before it is in order.
   *
   * @param {string[]} urls
   * @returns {Promise<Problem | undefined>}
   */
  async check(urls) {
    const problems = await Promise.all(inParts(urls).map((part) => this.#check(part)));
    return problems.find((problem) => problem);
  }

  /** @param {string[]} urls @returns {Promise<Problem | undefined>} */
  async #check(urls) {
    try {
      await import(this.#checkUrl(urls));
    } catch (error) {
      const message = String(/** @type {any} */ (error)?.message);
      if (message.includes("linked.js") && message.includes("'linked'")) return undefined;
      return this.#diagnose(urls, error);
    }
    return undefined;
  }

  /** @param {string[]} urls */
  #checkUrl(urls) {
    const url = new URL("check.js", this.base);
    for (const item of urls) url.searchParams.append("url", item);
    url.searchParams.append("n", `${performance.timeOrigin}-${++this.#checks}`);
    return url.href;
  }

  /**
   * Find out where linking failed: only the error event of the window tells.
   *
   * @param {string[]} urls
   * @param {any} error
   * @returns {Promise<Problem>}
   */
  async #diagnose(urls, error) {
    const title = error instanceof SyntaxError ? "Syntax error" : "A module cannot be loaded";
    const problem = { title, message: withoutVersions(String(error?.message ?? error)) };
    if (!doc) return problem;
    const script = doc.createElement("script");
    script.type = "module";
    script.src = this.#checkUrl(urls);
    if (this.nonce) script.nonce = this.nonce;
    const place = await new Promise((resolve) => {
      /** @param {ErrorEvent} event */
      const onError = (event) => {
        if (event.target === script || event.filename) {
          event.preventDefault();
          event.stopImmediatePropagation();
          removeEventListener("error", onError, true);
          resolve(event);
        }
      };
      addEventListener("error", onError, true);
      doc.head.append(script);
    });
    script.remove();
    if (place.filename) return { ...problem, ...(await this.#locate(place)) };
    return (await this.#missing(urls)) ?? problem;
  }

  /** @param {string[]} urls @returns {Promise<Problem | undefined>} */
  async #missing(urls) {
    const url = new URL("missing", this.base);
    for (const item of urls) {
      const place = keyOf(new URL(item, this.base).href);
      if (place) url.searchParams.append("url", place.key);
    }
    try {
      const [found] = (await (await fetch(url)).json()).missing;
      if (!found) return undefined;
      return {
        title: "A module is missing",
        message: `${found.importer} imports ${found.url}, and there is no such file.`,
        file: found.importer,
        hint: "Create the file, or take the import out. The page goes on when you save.",
      };
    } catch {
      return undefined;
    }
  }

  /** @param {ErrorEvent} event */
  async #locate(event) {
    const { filename, lineno: line, colno: column } = event;
    const place = keyOf(filename);
    const file = place?.key ?? filename;
    const message = withoutVersions(event.message.replace(/^Uncaught /, ""));
    return { message, file, line, column, frame: await frameOf(filename, line) };
  }

  /** @param {ErrorEvent | Event} event */
  async #onError(event) {
    if (!this.#starting || !(event instanceof ErrorEvent) || !event.filename) return;
    const problem = await this.#locate(event);
    const title = event.error instanceof SyntaxError ? "Syntax error" : "Error while loading";
    this.show("load", { title, stack: stackOf(event.error), ...problem });
  }

  /**
   * Make URLs stand for other ones in imports that are still to come.
   *
   * @param {Map<string, string>} urls
   */
  alias(urls) {
    if (!doc) return;
    const script = doc.createElement("script");
    script.type = "importmap";
    script.setAttribute("data-hmr-alias", "");
    if (this.nonce) script.nonce = this.nonce;
    script.textContent = JSON.stringify({ imports: Object.fromEntries(urls) });
    doc.head.append(script);
    script.remove();
  }

  /** @param {string[]} keys modules that need a new instance when imported again */
  renew(keys) {
    this.send({ type: "renew", urls: keys });
  }

  /**
   * Report an exception of the app's code.
   *
   * @param {string} key
   * @param {any} error
   * @param {string} doing
   */
  problem(key, error, doing) {
    console.error(`[hmr] ${doing} failed`, error);
    const message = withoutVersions(String(error?.message ?? error));
    const problem = { title: `Error in ${doing}`, message, stack: stackOf(error) };
    this.events.emit("hmr:error", problem);
    this.show(key, problem, true);
  }

  /**
   * @param {string} key
   * @param {Problem} problem
   * @param {boolean} [logged]
   */
  show(key, problem, logged) {
    const known = this.#shown.get(key);
    this.#shown.set(key, JSON.stringify(problem));
    if (known === this.#shown.get(key)) return;
    const where = problem.file ? ` (${problem.file}:${problem.line ?? ""})` : "";
    const text = `${problem.title}: ${problem.message}${where}`;
    if (!logged) console.error(`[hmr] ${text}`);
    this.send({ type: "report", level: "warning", text });
    this.#overlay.show(key, problem);
  }

  /**
   * Take away problems, now that the page goes on.
   *
   * @param {boolean} unfinished whether an earlier update is still not possible
   */
  mended(unfinished) {
    for (const key of this.#overlay.keys) {
      if (unfinished && key === "update") continue;
      this.#overlay.clear(key);
      this.#shown.delete(key);
    }
  }

  /**
   * @param {string[]} changed
   * @param {Set<string>} takers the modules that took care of it
   */
  applied(changed, takers) {
    const cause = changed.length ? changed.join(", ") : "(invalidated)";
    console.info(`[hmr] update ${cause} → ${[...takers].join(", ")}`);
  }
}

/** @param {string} selector @returns {HTMLScriptElement[]} */
function query(selector) {
  if (!doc) return [];
  // Named elements can hide methods of the document itself.
  const found = Document.prototype.querySelectorAll.call(doc, selector);
  return /** @type {HTMLScriptElement[]} */ ([...found]);
}

function moduleScripts() {
  return query("script[src]").filter(
    (s) => s.type.trim().toLowerCase() === "module" && s.src && !s.hasAttribute("data-hmr"),
  );
}

/** @param {string[]} urls */
function inParts(urls) {
  /** @type {string[][]} */
  const parts = [[]];
  let length = 0;
  for (const url of urls) {
    if (length > CHECK_LENGTH) {
      parts.push([]);
      length = 0;
    }
    length += url.length + 10;
    parts[parts.length - 1].push(url);
  }
  return parts;
}

/** @param {any} error */
function stackOf(error) {
  return error?.stack ? withoutVersions(String(error.stack)) : undefined;
}

/**
 * @param {string} url
 * @param {number} line
 */
async function frameOf(url, line) {
  try {
    const text = await (await fetch(url)).text();
    const lines = withoutVersions(text).split(/\r\n|[\n\r\u2028\u2029]/);
    const start = Math.max(1, line - FRAME_LINES);
    return { start, lines: lines.slice(start - 1, line + FRAME_LINES) };
  } catch {
    return undefined;
  }
}
