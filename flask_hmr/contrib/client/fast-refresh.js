// @ts-check
/** Which modules take their own updates: what is the same for all component libraries. */

/** Modules of which it was said that they take none. @type {Set<string>} */
const told = new Set();

/**
 * Accept the updates of a module, as long as all that it exports is components.
 *
 * @param {{accept(callback: (update: {module: Record<string, any>}) => void): void,
 *   invalidate(reason: string): void}} hot
 * @param {string} url of the module
 * @param {any[]} exported what its text names as exported components
 * @param {(value: any) => boolean} isComponent
 */
export function accept(hot, url, exported, isComponent) {
  if (!exported.every(isComponent)) return tell(url);
  hot.accept(({ module }) => {
    const others = Object.keys(module).filter((name) => !isComponent(module[name]));
    if (others.length) hot.invalidate(`${others.join(", ")} may be in use elsewhere`);
  });
}

/** @param {string} url of a module that has components and other exports */
export function tell(url) {
  if (told.has(url)) return;
  told.add(url);
  console.info(`[hmr] ${url} exports more than components, so its importers get its updates`);
}
