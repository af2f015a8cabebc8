// @ts-check
/** Has Prefresh put new components in the place of old ones. */

// Before any component is rendered: it listens to what Preact does.
import "@prefresh/core";
// @ts-ignore: only the page's import map knows where it is.
import { options } from "preact";
import { on, reload } from "@hmr/client";
import { boundaries } from "@hmr/fast-refresh.js";

export { tell } from "@hmr/fast-refresh.js";

/** @type {any} */
const prefresh = /** @type {any} */ (self).__PREFRESH__;
let isDue = false;
let hasFailed = false;

// What Preact asks for an error boundary; it throws the error where there is none.
const { __e: caught } = options;
options.__e = (/** @type {any[]} */ ...about) => {
  try {
    caught(...about);
  } catch (error) {
    hasFailed = true;
    throw error;
  }
};

/** @param {any} value whether it can be rendered */
function isComponent(value) {
  return typeof value === "function" && !isContext(value);
}

/** @param {any} value whether it was made by `createContext`, for which it is a component */
function isContext(value) {
  return "Provider" in value && "Consumer" in value;
}

/**
 * Register a component, and the one that it has from `memo`.
 *
 * @param {any} type a component
 * @param {string} id the same for each instance of its module
 */
export function register(type, id) {
  if (!isComponent(type)) return;
  prefresh.register(type, id);
  isDue = true;
  register(type.type, `${id} in memo`);
}

/**
 * @param {any} type a component or hook
 * @param {string} key the hooks that it calls
 * @param {() => any[]} getCustomHooks those of them that are the app's own
 */
export function sign(type, key, getCustomHooks) {
  if (typeof type !== "function") return;
  prefresh.sign(type, key, false, getCustomHooks, "begin");
  sign(type.type, key, getCustomHooks);
}

export const { areComponents, accepted } = boundaries(isComponent);

on("hmr:afterUpdate", () => {
  if (!isDue) return;
  // Preact has left a tree half made then, which it cannot go on with.
  if (hasFailed) return reload("a component had failed");
  isDue = false;
  const pending = [...prefresh.getPendingUpdates()];
  prefresh.flush();
  for (const [old, young] of pending) prefresh.replaceComponent(old, young, !isLike(old, young));
});

/** @param {any} old @param {any} young whether they call the same hooks */
function isLike(old, young) {
  const [before, after] = [old, young].map((type) => prefresh.getSignature(type));
  if (!before || !after || before.key !== after.key) return false;
  const isSame = prefresh.computeKey(before) === prefresh.computeKey(after);
  return isSame && !before.forceReset && !after.forceReset;
}
