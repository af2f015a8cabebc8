// @ts-check
/** Has React's runtime for fast refresh put new components in the place of old ones. */

// @ts-ignore: only the page's import map knows where it is.
import * as found from "react-refresh/runtime";
import { on } from "@hmr/client";
import { boundaries } from "@hmr/fast-refresh.js";

export { tell } from "@hmr/fast-refresh.js";

/** Some services hand such packages out with a default export alone. @type {any} */
const runtime = /** @type {any} */ (found).default ?? found;
let isDue = false;

// Before React itself is evaluated, which looks for this.
runtime.injectIntoGlobalHook(window);

/** @param {any} value whether it can be rendered */
function isComponent(value) {
  return runtime.isLikelyComponentType(value);
}

/**
 * @param {any} type a component
 * @param {string} id the same for each instance of its module
 */
export function register(type, id) {
  if (!isComponent(type)) return;
  runtime.register(type, id);
  isDue = true;
}

/**
 * @param {any} type a component or hook
 * @param {string} key the hooks that it calls
 * @param {() => any[]} getCustomHooks those of them that are the app's own
 */
export function sign(type, key, getCustomHooks) {
  // Also of what is in `memo` and `forwardRef`, and nothing of what can have none.
  runtime.createSignatureFunctionForTransform()(type, key, false, getCustomHooks);
}

export const { areComponents, accepted } = boundaries(isComponent);

on("hmr:afterUpdate", () => {
  if (isDue) runtime.performReactRefresh();
  isDue = false;
});
