// @ts-check
/**
 * Waiting for the app's code: for as long as it takes, but not for ever while a newer
 * update waits. Else one promise that never settles would be the end of all updates.
 */

/** After so many milliseconds a newer update is not kept waiting. */
const LONG = 3000;

export class Patience {
  /** @type {Set<() => void>} */
  #hurried = new Set();

  /** @param {() => boolean} newer whether a newer update waits */
  constructor(newer) {
    this.newer = newer;
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
    let isLong = false;
    let hurry = () => {};
    /** @type {Promise<never>} */
    const overdue = new Promise((_, reject) => {
      const text = `${what} is not done, and a newer update waits: the page goes on without.`;
      hurry = () => isLong && reject(new Error(text));
    });
    const timer = setTimeout(() => {
      isLong = true;
      if (this.newer()) hurry();
      else console.warn(`[hmr] ${what} takes long; updates wait for it until there is a newer one`);
    }, LONG);
    this.#hurried.add(hurry);
    try {
      return await Promise.race([promise, overdue]);
    } finally {
      clearTimeout(timer);
      this.#hurried.delete(hurry);
    }
  }
}
