// @ts-check
/** What is told to the developer: in the console, the overlay and the terminal. */

import { Overlay } from "./overlay.js";
import { IMPORT } from "./unloaded.js";
import { withoutVersions } from "./urls.js";

/**
 * @typedef {import('./problem.js').Problem} Problem
 * @typedef {{kind: string, about?: string, changed?: string[], via?: string[], reason?: string}} News
 *   what became of an update: `about` says what changed, unless it was modules
 */

/** What is wrong with the page itself, which no module's update mends. */
export const PAGE = "page";
/** What is wrong with the server. */
export const SERVER = "server";
/** How the names of problems begin that plugins of the server have. */
const PLUGIN = "plugin:";

export class Reports {
  /** @type {Overlay} */
  #overlay;
  /** What is shown at present, so that it is told once. @type {Map<string, string>} */
  #shown = new Map();
  /** Is told what became of updates, while an inspector is open. @type {(news: News) => void} */
  told = () => {};

  /**
   * @param {import('./events.js').Events} events
   * @param {(message: object) => void} send
   * @param {boolean} opens whether the server can open files in an editor
   */
  constructor(events, send, opens) {
    this.events = events;
    this.send = send;
    /** @type {import('./problem.js').Open} */
    const open = (file, line, column) => send({ type: "open", file, line, column });
    this.#overlay = new Overlay(opens ? { open } : {});
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
    const message = withoutVersions(textOf(error));
    const problem = { title: `Error in ${doing}`, message, stack: stackOf(error) };
    this.events.emit("hmr:error", problem);
    this.show(key, problem, true);
  }

  /** @param {string} key whether a problem is shown under it */
  shows(key) {
    return this.#overlay.keys.includes(key);
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
    // What the server told it has shown in its terminal.
    const isServers = key === SERVER || key.startsWith(PLUGIN) || problem.path;
    if (!isServers) this.send({ type: "report", level: "warning", text });
    if (!isServers) this.told({ kind: "failed", reason: text });
    this.#overlay.show(key, problem);
  }

  /**
   * Take away problems of modules, now that the page goes on.
   *
   * @param {boolean} unfinished whether an earlier update is still not possible
   */
  mended(unfinished) {
    for (const key of this.#overlay.keys) {
      const stays =
        key === PAGE ||
        key === SERVER ||
        key.startsWith(PLUGIN) ||
        key.startsWith(IMPORT) ||
        (unfinished && key === "update");
      if (!stays) this.clear(key);
    }
  }

  /**
   * Show what is wrong with plugins, and nothing of them that is mended.
   *
   * @param {Record<string, Problem>} problems by the server's names for them
   */
  plugins(problems) {
    for (const key of this.#overlay.keys) {
      if (key.startsWith(PLUGIN) && !(key.slice(PLUGIN.length) in problems)) this.clear(key);
    }
    for (const [name, problem] of Object.entries(problems)) {
      this.show(PLUGIN + name, problem);
    }
  }

  /** @param {string} key of a problem that is no longer there */
  clear(key) {
    this.#overlay.clear(key);
    this.#shown.delete(key);
  }

  /**
   * @param {string[]} changed
   * @param {Set<string>} takers the modules that took care of it
   * @param {boolean} [isUnsure] whether the server does not know that
   */
  applied(changed, takers, isUnsure) {
    const cause = changed.length ? changed.join(", ") : "(invalidated)";
    const text = `update ${cause} → ${[...takers].join(", ")}`;
    console.info(`[hmr] ${text}`);
    if (isUnsure) this.send({ type: "report", level: "info", text, once: true });
    this.told({ kind: "applied", changed, via: [...takers] });
  }

  /** @param {Map<string, number>} shown files, and in how many places they are shown anew */
  shown(shown) {
    for (const [key, count] of shown) {
      console.info(`[hmr] update ${key} → ${count} ${count === 1 ? "place" : "places"}`);
    }
    if (shown.size) this.told({ kind: "applied", about: "assets", via: [...shown.keys()] });
  }

  /**
   * @param {string} reason why the page was fetched again
   * @param {boolean} isSame whether that made no difference
   */
  refreshed(reason, isSame) {
    const text = `refresh ${location.pathname} (${reason})${isSame ? ": nothing new" : ""}`;
    console.info(`[hmr] ${text}`);
    this.told({ kind: isSame ? "nothing" : "refreshed", about: "templates", reason });
    if (!isSame) this.send({ type: "report", level: "info", text });
  }
}

/** @param {any} error what may be thrown is anything @returns {string} */
function textOf(error) {
  try {
    return String(error?.message ?? error);
  } catch {
    return "something that has no text was thrown";
  }
}

/** @param {any} error */
export function stackOf(error) {
  try {
    return error?.stack ? withoutVersions(String(error.stack)) : undefined;
  } catch {
    return undefined;
  }
}
