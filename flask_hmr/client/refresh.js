// @ts-check
/**
 * Refreshes the page when a template or the app behind it changed: it is fetched again,
 * and what differs from what was fetched before is morphed into what is there.
 */

import { morph } from "./morph.js";
import { obstacle } from "./obstacles.js";
import { PAGE } from "./reports.js";
import { Signs } from "./signs.js";
import { keyOf } from "./urls.js";

/**
 * @typedef {import('./problem.js').Problem} Problem
 * @typedef {{templates: Record<string, string>, callback: (reason: string) => void}} Follower
 */

const ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

export class Refresher {
  /** What the page was made from: `null` when nobody knows. @type {Document | null | undefined} */
  #base;
  /** The templates that it was made from, with their versions. @type {Map<string, string>} */
  #templates;
  /** Whether any template may be one of them. */
  #isUnknown = false;
  /** Names what the app sent, before anything was put into it. @type {string | undefined} */
  #source;
  /** Why it is to be refreshed. @type {Set<string>} */
  #reasons = new Set();
  #isBusy = false;
  /** What else in the page is made from templates. @type {Set<Follower>} */
  #followers = new Set();
  #signs = new Signs();
  /** Whether new markup is being put in place. */
  #isChanging = false;

  /**
   * @param {import('./page.js').Page} page
   * @param {import('./events.js').Events} events
   */
  constructor(page, events) {
    this.page = page;
    this.events = events;
    this.#templates = new Map(Object.entries(page.mark.templates ?? {}));
    this.#source = page.mark.source;
    const [navigation] = performance.getEntriesByType("navigation");
    const entry = /** @type {PerformanceNavigationTiming | undefined} */ (navigation);
    this.status = entry?.responseStatus || 200;
    // Where the document came from; scripts may have given the page another address.
    this.url = (keyOf(entry?.name ?? "") ? entry?.name : location.href)?.replace(/#.*/, "") ?? "";
  }

  /** What the server needs to know of the document. */
  hello() {
    const { document } = this.page.mark;
    const templates = Object.fromEntries(this.#templates);
    for (const { templates: its } of this.#followers) {
      for (const [name, version] of Object.entries(its)) {
        // Of two versions one is not the present one, so the server is to say: changed.
        templates[name] = (templates[name] ?? version) === version ? version : "";
      }
    }
    return this.#base === undefined ? { templates, document } : { templates };
  }

  /** @param {string | null} text that the page was made from */
  madeFrom(text) {
    this.#base ??= text === null ? null : parsed(text);
    if (this.#reasons.size) this.#run();
  }

  /** @param {string[]} names of templates */
  changed(names) {
    const own = this.#isUnknown ? names : names.filter((name) => this.#templates.has(name));
    if (own.length) this.refresh(own.join(", "));
    for (const { templates, callback } of [...this.#followers]) {
      const its = names.filter((name) => Object.hasOwn(templates, name));
      if (its.length) callback(its.join(", "));
    }
  }

  /** What the app says may be something else from now on. */
  restarted() {
    const reason = "the server restarted";
    this.refresh(reason);
    for (const { callback } of [...this.#followers]) callback(reason);
  }

  /**
   * Tell of changes of templates that a part of the page was made from.
   *
   * @param {Record<string, string>} templates name to version
   * @param {(reason: string) => void} callback
   * @returns {() => void} what ends it
   */
  follow(templates, callback) {
    const follower = { templates, callback };
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  /**
   * Take note that a script has put another document in the place of this one.
   *
   * @param {string} url
   * @param {string | null} text of the document, if known
   */
  replaced(url, text) {
    this.url = new URL(url, location.href).href.replace(/#.*/, "");
    this.status = 200;
    this.#base = text === null ? null : parsed(text);
    const tag = this.#base?.querySelector("script[data-hmr]");
    /** @type {import('./page.js').Mark} */
    const mark = JSON.parse(tag?.getAttribute("data-hmr") ?? "{}");
    this.#isUnknown = !tag;
    // The server is asked about the old ones until more is known.
    if (tag) this.#templates = new Map(Object.entries(mark.templates ?? {}));
    this.#source = mark.source;
    this.page.mark.posted = mark.posted;
  }

  /** @param {string} reason */
  refresh(reason) {
    this.#reasons.add(reason);
    this.#run();
  }

  async #run() {
    if (this.#isBusy || this.#base === undefined) return;
    this.#isBusy = true;
    await this.page.ready;
    while (this.#reasons.size && !this.page.reloading) {
      const reason = [...this.#reasons].join(", ");
      this.#reasons.clear();
      try {
        await this.#refresh(reason);
      } catch (error) {
        this.page.reports.problem(PAGE, error, "refreshing the page");
      }
    }
    this.#isBusy = false;
  }

  /** @param {string} reason */
  async #refresh(reason) {
    const { page } = this;
    if (page.mark.posted) return page.reload(`${reason} changed`);
    const answer = await this.#fetch();
    if (!answer) return;
    const { response, text } = answer;
    if (response.headers.has("HMR-Problem")) return this.#failed(JSON.parse(text));
    const path = keyOf(this.url)?.key;
    if (!response.ok && response.status !== this.status) {
      const message = `GET ${path} is answered with ${response.status} ${response.statusText} now.`;
      return page.reports.show(PAGE, { title: "The page cannot be refreshed", message });
    }
    const reload = this.#elsewhere(response) ?? this.#take(text, reason);
    if (reload) page.reload(`${reload} (${reason})`);
  }

  /** Nothing when the server has gone; the page hears when it is back. */
  async #fetch() {
    try {
      const headers = { Accept: ACCEPT, "HMR-Refresh": "1" };
      const response = await fetch(this.url, { headers, cache: "no-store" });
      return { response, text: await response.text() };
    } catch {
      return undefined;
    }
  }

  /** @param {{problem: Problem, templates: Record<string, string>}} answer */
  #failed({ problem, templates }) {
    // The one in which the mistake is may be new to this page.
    for (const [name, version] of Object.entries(templates)) this.#templates.set(name, version);
    this.page.reports.show(PAGE, problem);
    this.events.emit("hmr:error", problem);
  }

  /**
   * @param {Response} response
   * @returns {string | undefined} why it is no new state of this page
   */
  #elsewhere(response) {
    const [own, its] = [this.url, response.url].map((url) => keyOf(url)?.key);
    if (own !== its) return `${own} leads to ${its ?? response.url}`;
    if (!/html/.test(response.headers.get("Content-Type") ?? "")) return `${own} is no document any longer`;
    if (this.status >= 400 && response.ok) return `${own} can be shown again`;
    return undefined;
  }

  /**
   * Take over new markup.
   *
   * @param {string} text
   * @param {string} reason
   * @returns {string | undefined} why the page has to reload instead
   */
  #take(text, reason) {
    const next = parsed(text);
    if (!next) return "the page's policy forbids to read markup";
    const runtime = next.querySelector("script[data-hmr]");
    if (!runtime) return "the new markup is no whole document";
    /** @type {import('./page.js').Mark} */
    const mark = JSON.parse(runtime.getAttribute("data-hmr") ?? "{}");
    // The process that made this page may have gone before it was asked.
    const base = this.#base ?? (mark.source === this.#source ? next : undefined);
    if (!base) return "nobody knows what the page was made from";
    const why = obstacle(base, next);
    if (why) return why;
    if (this.#signs.isFull) this.#signs = new Signs();
    const signs = this.#signs;
    const isSame = signs.of(base.documentElement) === signs.of(next.documentElement);
    const { page } = this;
    page.reports.clear(PAGE);
    this.#templates = new Map(Object.entries(mark.templates ?? {}));
    this.#source = mark.source;
    if (!isSame) this.change(reason, document.documentElement, base.documentElement, next.documentElement, signs);
    this.#base = next;
    page.reports.refreshed(reason, isSame);
    return undefined;
  }

  /**
   * Morph, and tell of it.
   *
   * What a listener morphs in turn belongs to the change that it has heard of.
   *
   * @param {string} reason
   * @param {Parameters<typeof morph>} trees
   */
  change(reason, ...trees) {
    if (this.#isChanging) return morph(...trees);
    this.#isChanging = true;
    try {
      this.events.emit("hmr:beforeRefresh", { reason });
      const done = morph(...trees);
      this.events.emit("hmr:afterRefresh", { reason, ...done });
      return done;
    } finally {
      this.#isChanging = false;
    }
  }
}

/** @param {string} text @returns {Document | null} nothing where a policy forbids it */
function parsed(text) {
  try {
    return new DOMParser().parseFromString(text, "text/html");
  } catch {
    // https://w3c.github.io/trusted-types/dist/spec/: only a policy of ours could.
    return null;
  }
}
