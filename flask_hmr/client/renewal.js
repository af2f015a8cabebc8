// @ts-check
/**
 * Asking the server for new versions, where the browser would not try a URL again.
 *
 * A version stands for a module and what it reaches without passing a boundary, while
 * the text names the versions of boundaries, too. When linking failed because of a
 * broken boundary, the browser has kept the text that names it and asks for no URL
 * twice: once the boundary is mended, all on the way to it need a new version. The
 * server knows the ways, also those through modules that this page has never run.
 */

import { inParts } from "./urls.js";

/** Longest list of modules in one question, in characters. */
const LENGTH = 30_000;

export class Renewal {
  #count = 0;
  /** Questions without an answer. @type {Map<number, {question: object, done: () => void}>} */
  #open = new Map();

  /** @param {(message: object) => void} send */
  constructor(send) {
    this.send = send;
  }

  /**
   * Ask for new versions of some modules.
   *
   * @param {string[]} urls
   * @param {number} [since] what has a new version since this change needs no other
   * @returns {Promise<void>} resolved when the server has told them all
   */
  renew(urls, since) {
    return this.#ask(inParts(urls, LENGTH).map((part) => ({ type: "renew", urls: part, since })));
  }

  /**
   * Ask for new versions of all by which some modules import what has changed.
   *
   * @param {string[]} entries modules that could not be loaded
   * @param {number} since the last change that was known then, -1 for all there ever were
   * @returns {Promise<void>} resolved when the server has told them all
   */
  mend(entries, since) {
    return this.#ask(inParts(entries, LENGTH).map((part) => ({ type: "mend", entries: part, since })));
  }

  /** @param {object[]} questions @returns {Promise<void>} */
  async #ask(questions) {
    const answers = questions.map((part) => {
      const id = ++this.#count;
      const question = { ...part, id };
      /** @type {Promise<void>} */
      const answer = new Promise((done) => this.#open.set(id, { question, done }));
      this.send(question);
      return answer;
    });
    await Promise.all(answers);
  }

  /** @param {number} id of the question that has been answered */
  answered(id) {
    this.#open.get(id)?.done();
    this.#open.delete(id);
  }

  /** The connection was lost, and perhaps a question with it. */
  again() {
    for (const { question } of this.#open.values()) this.send(question);
  }
}
