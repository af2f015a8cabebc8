// @ts-check
/**
 * Which instances the importers of a module still bind to.
 *
 * A binding comes from one instance and stays with it. Importers that take part say
 * what they bind to. Of the others it is known when they were evaluated, and so
 * which instance was the newest then; where even that is not known, any instance
 * that was the newest while something was loaded counts as held.
 */

/**
 * @param {{key: string, version: string | undefined, born: number, superseded: number}} instance
 * @param {string[]} importers of its module, those that are loaded
 * @param {import('./registry.js').Registry} registry
 * @param {import('./page.js').Page} page
 */
export function isHeld(instance, importers, registry, page) {
  const { key, version, born, superseded } = instance;
  if (page.loads.inline.has(key) && born === 0) return true;
  if (page.holds(key, version)) return true;
  const scripts = registry.scriptsOf(key);
  if (scripts.some((script) => registry.actual(key, script.holds.get(key)) === version)) return true;
  /** @param {number} time at which an importer was evaluated */
  const wasNewest = (time) => born <= time && time < superseded;
  // Of an importer that was edited an earlier instance may bind to what the newest does
  // not even name.
  for (const importer of registry.keys()) {
    if (importer === key) continue;
    for (const holder of registry.instances(importer)) {
      if (holder.tells) {
        if (registry.actual(key, holder.holds.get(key)) === version) return true;
      } else if (importers.includes(importer) && wasNewest(holder.born)) {
        return true;
      }
    }
  }
  return importers.some(
    (importer) => importer !== key && registry.silentTimes(importer).some(wasNewest),
  );
}
