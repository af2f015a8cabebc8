// @ts-check
/**
 * The API that a module gets as `import.meta.hot`: what each call registers.
 *
 * Nothing in this file touches the document or the network.
 */

import { splitVersion } from "./urls.js";

/**
 * @typedef {import('./registry.js').Callback} Callback
 * @typedef {import('./registry.js').Instance} Instance
 */

/**
 * @param {Instance} instance that registers by it
 * @param {import('./registry.js').Module} module
 * @param {(specifier: string) => {key: string} | undefined} find the module that a
 *   specifier means in this one
 * @param {import('./registry.js').Registry} registry
 */
export function makeHot(instance, module, find, { shell, events, warned }) {
  /** @param {string} specifier */
  const resolve = (specifier) => resolveAccepted(instance, specifier, find, warned);
  return {
    get data() {
      return module.data;
    },
    accept(/** @type {any} */ first, /** @type {any} */ second) {
      accept(instance, resolve, first, second);
    },
    acceptExports(/** @type {string | string[]} */ names, /** @type {any} */ callback) {
      const accepted = [...(instance.acceptedExports ?? []), ...[names].flat()];
      instance.acceptedExports = new Set(accepted);
      if (callback !== undefined) {
        instance.selfCallbacks.push(needFunction(callback, "acceptExports"));
      }
    },
    decline() {
      instance.declines = true;
    },
    dispose(/** @type {(data: any) => any} */ callback) {
      instance.disposers.push(needFunction(callback, "dispose"));
    },
    prune(/** @type {(data: any) => any} */ callback) {
      instance.pruners.push(needFunction(callback, "prune"));
    },
    invalidate(/** @type {string} */ message) {
      shell.invalidate(instance, message);
    },
    on(/** @type {string} */ event, /** @type {Callback} */ callback) {
      needFunction(callback, "on");
      warnOfOthers(event, warned);
      // One of its own: the same function may listen for others, too.
      const listener = (/** @type {any} */ data) => callback(data);
      instance.listeners.push({ event, callback, listener });
      events.on(event, listener);
    },
    off(/** @type {string} */ event, /** @type {Callback} */ callback) {
      const found = instance.listeners.findIndex(
        (entry) => entry.event === event && entry.callback === callback,
      );
      if (found < 0) return;
      const [{ listener }] = instance.listeners.splice(found, 1);
      events.off(event, listener);
    },
    send(/** @type {string} */ event, /** @type {any} */ data) {
      shell.send(event, data);
    },
  };
}

/**
 * @param {Instance} instance
 * @param {string} specifier that it accepts
 * @param {(specifier: string) => {key: string} | undefined} find
 * @param {Set<string>} warned what warnings were given for: one is enough
 * @returns {string} the key of the module
 */
function resolveAccepted(instance, specifier, find, warned) {
  const written = splitVersion(String(specifier))[0];
  const named = instance.imports.get(written);
  if (named !== undefined) return named;
  const key = find(written)?.key;
  const warning = `${instance.key} ${written}`;
  const isImported = key !== undefined && [...instance.imports.values()].includes(key);
  if (!isImported && !instance.computes && !warned.has(warning)) {
    warned.add(warning);
    console.warn(
      `[hmr] ${instance.key} accepts "${written}", which it does not import. ` +
        "Its updates will not reach the callback; name it as the import does.",
    );
  }
  return key ?? written;
}

/**
 * @param {string} event that somebody listens for, perhaps by the name that Vite gives it
 * @param {Set<string>} warned
 */
function warnOfOthers(event, warned) {
  const [, name] = /^vite:(?:ws:)?(.+)$/.exec(event) ?? [];
  if (!name || warned.has(event)) return;
  warned.add(event);
  console.warn(`[hmr] nothing here sends "${event}". What comes closest is "hmr:${name}".`);
}

/**
 * @param {Instance} instance
 * @param {(specifier: string) => string} resolve
 * @param {any} first
 * @param {any} second
 */
function accept(instance, resolve, first, second) {
  if (typeof first === "string" || Array.isArray(first)) {
    const single = typeof first === "string";
    const deps = (single ? [first] : first).map(resolve);
    const callback = second === undefined ? undefined : needFunction(second, "accept");
    instance.depAccepts.push({ deps, single, callback });
    return;
  }
  const options = typeof first === "function" ? second : (second ?? first);
  if (options != null && typeof options !== "object") {
    throw new TypeError(
      "import.meta.hot.accept() takes a callback, or specifiers and a callback; " +
        `got ${typeof options}.`,
    );
  }
  instance.selfAccepts = true;
  if (options?.bubbles) instance.bubbles = true;
  if (typeof first === "function") instance.selfCallbacks.push(first);
}

/**
 * @param {any} value
 * @param {string} name
 */
function needFunction(value, name) {
  if (typeof value === "function") return value;
  throw new TypeError(`import.meta.hot.${name}() takes a function; got ${typeof value}.`);
}
