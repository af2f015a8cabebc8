// @ts-check
/**
 * Waiting for the app's code: for as long as it takes, but not for ever while a newer
 * update waits. Else one promise that never settles would be the end of all updates.
 */

/** After so many milliseconds a newer update is not kept waiting. */
const LONG = 3000;
/**
 * The same, for what an update still waits for after that. One promise that never settles
 * is met more than once: by who imports the module, and by who asks whether it works.
 */
const SHORT = 100;

export class Patience {
  /** @type {Set<() => void>} */
  #hurried = new Set();
  /** Whether the present update has kept a newer one waiting for long. */
  #isOver = false;

  /** @param {() => boolean} newer whether a newer update waits */
  constructor(newer) {
    this.newer = newer;
  }

  /** Another update begins. */
  begin() {
    this.#isOver = false;
  }

  /** A newer update has begun to wait. */
  hurry() {
    this.#hurried.forEach((call) => call());
  }

  /**
   * @template T
   * @param {Promise<T>} promise
   * @param {string} what is waited for
   * @returns {Promise<T>} which is rejected when the wait is over
   */
  async wait(promise, what) {
    // With nothing newer there is no hurry: what was newer has begun.
    if (!this.newer()) this.begin();
    let isLong = false;
    let hurry = () => {};
    /** @type {Promise<never>} */
    const overdue = new Promise((_, reject) => {
      const text = `${what} is not done, and a newer update waits: the page goes on without.`;
      hurry = () => {
        if (!isLong) return;
        this.#isOver = true;
        reject(new Error(text));
      };
    });
    const timer = setTimeout(() => {
      isLong = true;
      if (this.newer()) hurry();
      else console.warn(`[hmr] ${what} takes long; updates wait for it until there is a newer one`);
    }, this.#isOver ? SHORT : LONG);
    this.#hurried.add(hurry);
    try {
      return await Promise.race([promise, overdue]);
    } finally {
      clearTimeout(timer);
      this.#hurried.delete(hurry);
    }
  }
}
