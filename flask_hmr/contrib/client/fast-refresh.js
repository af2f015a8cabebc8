// @ts-check
/** Which modules take their own updates: what is the same for all component libraries. */

/** Modules of which it was said that they take none. @type {Set<string>} */
const told = new Set();

/**
 * What a module asks that may take its own updates.
 *
 * @param {(value: any) => boolean} isComponent
 */
export function boundaries(isComponent) {
  return {
    /**
     * @param {string} url of the module
     * @param {any[]} exported what its text names as exported components
     * @returns {boolean} whether it takes its updates: all of these are components
     */
    areComponents(url, exported) {
      const are = exported.every(isComponent);
      if (!are) tell(url);
      return are;
    },
    /**
     * Take an update, if the new instance exports nothing but components, too.
     *
     * @param {{invalidate(reason: string): void}} hot of the old instance
     * @param {Record<string, any>} module the new one
     */
    accepted(hot, module) {
      const others = Object.keys(module).filter((name) => !isComponent(module[name]));
      if (others.length) hot.invalidate(`${others.join(", ")} may be in use elsewhere`);
    },
  };
}

/** @param {string} url of a module that has components and other exports */
export function tell(url) {
  if (told.has(url)) return;
  told.add(url);
  console.info(`[hmr] ${url} exports more than components, so its importers get its updates`);
}
