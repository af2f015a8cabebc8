// @ts-check
/** Which modules take their own updates: what is the same for all component libraries. */

/** Modules of which it was said that they take none. @type {Set<string>} */
const told = new Set();

/**
 * Tell whether a module takes its own updates: whether all that it exports is components.
 *
 * @param {string} url of the module
 * @param {any[]} exported what its text names as exported components
 * @param {(value: any) => boolean} isComponent
 */
export function areComponents(url, exported, isComponent) {
  const are = exported.every(isComponent);
  if (!are) tell(url);
  return are;
}

/**
 * Take the update of a module, if that exports nothing but components, too.
 *
 * @param {{invalidate(reason: string): void}} hot of the old instance
 * @param {Record<string, any>} module the new one
 * @param {(value: any) => boolean} isComponent
 */
export function accepted(hot, module, isComponent) {
  const others = Object.keys(module).filter((name) => !isComponent(module[name]));
  if (others.length) hot.invalidate(`${others.join(", ")} may be in use elsewhere`);
}

/** @param {string} url of a module that has components and other exports */
export function tell(url) {
  if (told.has(url)) return;
  told.add(url);
  console.info(`[hmr] ${url} exports more than components, so its importers get its updates`);
}
