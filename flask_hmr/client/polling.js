// @ts-check
/**
 * What stands in for a socket: questions by HTTP, and a stream of events if there is one.
 *
 * All that is broadcast has a number. Each question says which the page has seen, and is
 * answered with what came after it: so nothing is lost, and nothing is told twice. A
 * stream brings the same sooner.
 */

import { Stream } from "./stream.js";

/** Pauses between questions, in milliseconds. */
const PAUSE = 1000;
const PAUSE_UNSEEN = 5000;
const PAUSE_WITH_STREAM = 15_000;
/** How long an answer may take when a stream has just begun: it may have taken the last thread. */
const PATIENCE = 2000;
/** Processes of one server that may be met, one after the other, none of which knows the page. */
const MOST_STRANGERS = 20;
/** Most characters of what is sent to the end even when the page goes away: browsers allow 64 KB in all. */
const LAST_WORDS = 16_000;

/**
 * @typedef {import('./transport.js').Shell} Shell
 * @typedef {import('./transport.js').Server} Server
 * @typedef {{session: string, at?: number | null, unknown?: boolean, stale?: boolean, code?: string,
 *   messages?: any[]}} Answer
 */

export class Polling {
  #base;
  #server;
  #shell;
  /** What the page calls itself. */
  #page = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16)).join("-");
  /** What was seen of each process: session to number. @type {Map<string, number>} */
  #marks = new Map();
  /** The greatest number that the stream has told of. */
  #latest = 0;
  /** @type {object[]} */
  #queue = [];
  #isAsking = false;
  #isOver = false;
  #isLive = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {Stream | undefined} */
  #stream;
  #leaving = new AbortController();
  /** When the last answer came. @type {number | undefined} */
  #answeredAt;

  /**
   * @param {URL} base of the server's own endpoints
   * @param {Server} server
   * @param {Shell} shell
   * @param {boolean} [streams] whether there is to be a stream
   */
  constructor(base, server, shell, streams) {
    this.#base = base;
    this.#server = server;
    this.#shell = shell;
    const { signal } = this.#leaving;
    document.addEventListener("visibilitychange", () => document.hidden || this.#ask(), { signal });
    addEventListener("pagehide", () => this.#leave(), { signal });
    queueMicrotask(() => {
      shell.opened();
      if (streams) this.#stream = new Stream(base, server.token, this);
    });
  }

  /** @param {object} message */
  send(message) {
    this.#queue.push(message);
    this.#ask();
  }

  /** The page has loaded more than any process of the server knows of. */
  grown() {
    this.#marks.clear();
    this.#ask();
  }

  // What the stream tells

  /** @param {string} session @param {number} number of the last message that it does not bring */
  live(session, number) {
    // It is said to all pages whenever another one comes.
    const isNews = !this.#isLive || number > this.#latest || session !== this.#server.session;
    if (!isNews) return;
    this.#isLive = true;
    this.#latest = number;
    const timer = setTimeout(() => this.#stream?.giveUp(), PATIENCE);
    this.#ask(true).finally(() => clearTimeout(timer));
  }

  down() {
    this.#isLive = false;
    this.#ask();
  }

  /** The server has no stream to spare, or something on the way to it does not hand it on. */
  off() {
    this.#isLive = false;
    this.#stream = undefined;
    this.#shell.refused("stream");
    this.#rest();
  }

  /** @param {number} number @param {string} to @param {any} message */
  told(number, to, message) {
    this.#latest = Math.max(this.#latest, number);
    const { session } = this.#server;
    const seen = this.#marks.get(session);
    if (this.#isAsking || seen === undefined || number <= seen) return;
    if (number > seen + 1) return this.#ask();
    this.#marks.set(session, number);
    if (!to || to === this.#page) this.#shell.message(message);
  }

  // Questions

  /** @param {boolean} [isUrgent] ask again, if it is being asked already */
  async #ask(isUrgent) {
    if (this.#isOver || (this.#isAsking && !isUrgent)) return;
    if (this.#isAsking) return void (await this.#post([]).catch(() => undefined));
    this.#isAsking = true;
    clearTimeout(this.#timer);
    // All that is said in one turn goes together.
    await undefined;
    try {
      await this.#exchange(this.#queue.splice(0));
    } catch {
      return this.#end();
    }
    this.#isAsking = false;
    const isBehind = this.#isLive && this.#latest > (this.#marks.get(this.#server.session) ?? 0);
    if (this.#queue.length || isBehind) this.#ask();
    else this.#rest();
  }

  /** @param {object[]} messages */
  async #exchange(messages) {
    let said = messages;
    for (let strangers = 0; strangers < MOST_STRANGERS; strangers++) {
      const answer = await this.#post(said);
      if (!answer.unknown) {
        this.#take(answer);
        if (!answer.stale) return;
      }
      // Another process of the server: it is told what the page holds. The only one
      // there is does not know the page when it has been started anew.
      if (!this.#server.several || answer.code !== this.#server.code) throw new Error("The server has restarted.");
      const [hello, ...rest] = this.#shell.introduction();
      const away = this.#answeredAt && (performance.now() - this.#answeredAt) / 1000;
      said = [{ ...hello, away }, ...rest, ...(answer.unknown ? messages : [])];
    }
    throw new Error("No process of the server knows the page.");
  }

  /** @param {Answer} answer */
  #take({ session, at, messages = [] }) {
    this.#answeredAt = performance.now();
    if (typeof at === "number") this.#marks.set(session, at);
    else this.#marks.delete(session);
    for (const message of messages) this.#shell.message(message);
  }

  /** @param {object[]} messages @returns {Promise<Answer>} */
  async #post(messages) {
    const marks = Object.fromEntries(this.#marks);
    const body = JSON.stringify({ page: this.#page, marks, messages });
    const response = await fetch(new URL("exchange", this.#base), {
      method: "POST",
      headers: { "Content-Type": "application/json", "HMR-Token": this.#server.token },
      body,
      keepalive: body.length < LAST_WORDS,
    });
    if (!response.ok) throw new Error(`The server answers with ${response.status}.`);
    return response.json();
  }

  #rest() {
    if (this.#isOver || this.#isAsking) return;
    clearTimeout(this.#timer);
    const pause = this.#isLive ? PAUSE_WITH_STREAM : document.hidden ? PAUSE_UNSEEN : PAUSE;
    this.#timer = setTimeout(() => this.#ask(), pause);
  }

  #leave() {
    const last = this.#queue.splice(0);
    if (last.length) this.#post(last).catch(() => undefined);
  }

  #end() {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#leaving.abort();
    clearTimeout(this.#timer);
    this.#stream?.end();
    this.#shell.closed();
  }
}
