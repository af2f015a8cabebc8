// @ts-check
/** Events by name: built-in ones, and those that the app and its pages send. */

export class Events {
  /** @type {Map<string, Set<(data: any) => void>>} */
  #listeners = new Map();

  /**
   * @param {string} event
   * @param {(data: any) => void} callback
   */
  on(event, callback) {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(callback));
  }

  /**
   * @param {string} event
   * @param {(data: any) => void} callback
   */
  off(event, callback) {
    this.#listeners.get(event)?.delete(callback);
  }

  /** @param {string} event whether anybody listens */
  hears(event) {
    return !!this.#listeners.get(event)?.size;
  }

  /**
   * Call all listeners; one that throws does not stop the others.
   *
   * @param {string} event
   * @param {any} [data]
   */
  emit(event, data) {
    for (const callback of [...(this.#listeners.get(event) ?? [])]) {
      try {
        callback(data);
      } catch (error) {
        console.error(`[hmr] a listener of ${event} failed`, error);
      }
    }
  }
}
