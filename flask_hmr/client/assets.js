// @ts-check
/**
 * Shows style sheets, images and the like anew when their files change, without a
 * reload: what names such a file is given its new URL.
 */

import { styleSheetsOf, swap } from "./links.js";
import { renewed, shownIn } from "./shown.js";
import { fileOf, inParts, isSheet, ORIGIN, splitVersion, withVersion } from "./urls.js";

/** What asks for something that is neither code nor data. */
const INITIATORS = ["link", "css", "img", "image", "input", "video", "audio", "use", "object", "embed", "icon"];

/** Most files that are kept in mind. */
const MOST = 2000;
/** Characters of their names in one message. */
const PART = 20_000;

/** @typedef {{assets: number, versions: Record<string, string | null>, reply?: boolean}} AssetsMessage */

export class Assets {
  /** The version of what this page shows, `null` where it is not known. @type {Map<string, string | null>} */
  #held = new Map();
  /** Style sheets that are imported as modules, with the versions in their URLs. @type {Map<string, Set<string | undefined>>} */
  #modules = new Map();
  /** Sheets of which a newer text is on its way. @type {Map<string, number>} */
  #turns = new Map();
  /** What is to be asked for. @type {Set<string>} */
  #unknown = new Set();

  /**
   * @param {import('./page.js').Page} page
   * @param {import('./events.js').Events} events
   * @param {{idle: Promise<void>}} updater
   */
  constructor(page, events, updater) {
    this.page = page;
    this.events = events;
    this.updater = updater;
    this.seq = page.mark.assets ?? 0;
    new PerformanceObserver((list) => this.#note(list.getEntries())).observe({ type: "resource", buffered: true });
  }

  /** @param {PerformanceEntryList} requests */
  #note(requests) {
    for (const request of /** @type {PerformanceResourceTiming[]} */ (requests)) {
      const key = fileOf(request.name);
      if (!key) continue;
      const isModule = request.initiatorType === "script" && isSheet(key);
      if (isModule) this.#modules.set(key, (this.#modules.get(key) ?? new Set()).add(splitVersion(request.name)[1]));
      if ((!isModule && !INITIATORS.includes(request.initiatorType)) || this.#held.has(key)) continue;
      // Some pages ask for the same picture again and again, each time by another URL.
      if (this.#held.size >= MOST) break;
      this.#held.set(key, null);
      this.#ask([key]);
    }
  }

  /** Compare what this page shows with what there is, after a restart of the server. */
  compare() {
    this.#ask(this.#held.keys());
  }

  /** What to ask a server process that knows nothing of what this page shows. */
  questions() {
    return inParts([...this.#held.keys()], PART).map((part) => this.#question(part));
  }

  /** @param {string[]} keys whose versions are to be told */
  #question(keys) {
    return { type: "assets", held: Object.fromEntries(keys.map((key) => [key, this.#held.get(key) ?? null])) };
  }

  /** @param {Iterable<string>} keys whose versions are to be told */
  #ask(keys) {
    const isFirst = !this.#unknown.size;
    for (const key of keys) this.#unknown.add(key);
    if (!isFirst || !this.#unknown.size) return;
    queueMicrotask(() => {
      for (const part of inParts([...this.#unknown], PART)) this.page.send(this.#question(part));
      this.#unknown.clear();
    });
  }

  /** @param {AssetsMessage} message */
  receive(message) {
    this.seq = message.assets;
    /** @type {Map<string, string | null>} */
    const news = new Map();
    for (const [key, version] of Object.entries(message.versions)) {
      const held = this.#held.get(key);
      if (message.reply ? held && version && held !== version : held !== version) news.set(key, version);
      if (version) this.#held.set(key, version);
    }
    if (news.size) this.#apply(news);
  }

  /** @param {Map<string, string | null>} news key to version, `null` for what is gone */
  async #apply(news) {
    await this.page.ready;
    /** @type {Map<string, number>} */
    const shown = new Map();
    /** @type {Promise<unknown>[]} */
    const waiting = [];
    /** @param {string} key */
    const count = (key) => shown.set(key, (shown.get(key) ?? 0) + 1);
    for (const link of styleSheetsOf(document)) {
      const key = fileOf(link.href);
      const version = news.get(key);
      if (!version) continue;
      count(key);
      waiting.push(swap(link, version).then((error) => this.#tell(key, error)));
    }
    for (const element of shownIn(document)) renewed(element, news).forEach(count);
    for (const [key, version] of news) {
      if (!version || !this.#modules.has(key)) continue;
      count(key);
      waiting.push(this.#rewrite(key, version).then((error) => this.#tell(key, error)));
    }
    const updates = [...shown.keys()].map((url) => ({ url }));
    if (!updates.length) return;
    this.events.emit("hmr:beforeUpdate", { updates });
    await Promise.all(waiting);
    this.page.reports.shown(shown);
    this.events.emit("hmr:afterUpdate", { updates });
  }

  /**
   * Put the new text of a style sheet that is imported as a module into all that
   * adopted it.
   *
   * @param {string} key
   * @param {string} version
   * @returns {Promise<string | undefined>} what went wrong
   */
  async #rewrite(key, version) {
    const turn = (this.#turns.get(key) ?? 0) + 1;
    this.#turns.set(key, turn);
    // A module that accepts it comes first: it may put another sheet in its place.
    await this.updater.idle;
    try {
      const response = await fetch(ORIGIN + withVersion(key, version));
      if (!response.ok) return `is answered with ${response.status}`;
      const text = await response.text();
      for (const held of this.#modules.get(key) ?? []) {
        // The same object that modules got, for it is there already.
        const { default: sheet } = await import(ORIGIN + withVersion(key, held), { with: { type: "css" } });
        if (this.#turns.get(key) === turn) await sheet.replace(text);
      }
    } catch (error) {
      return `cannot be loaded: ${error}`;
    }
    return undefined;
  }

  /** @param {string} key @param {string | undefined} error */
  #tell(key, error) {
    const { reports } = this.page;
    if (!error) reports.clear(`asset ${key}`);
    else reports.show(`asset ${key}`, { title: "A style sheet cannot be loaded", message: `${key} ${error}.` });
  }
}
