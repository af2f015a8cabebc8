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
 * @param {string} key
 * @param {import('./registry.js').Instance | import('./registry.js').Evaluation} one of
 *   the module
 * @param {string[]} importers of the module, those that are loaded
 * @param {Map<string, number>} former importers, which an edit has taken the import out of,
 *   and the time from which on they had it no more
 * @param {Set<object>} live the instances and evaluations whose bindings count
 * @param {import('./registry.js').Registry} registry
 * @param {import('./page.js').Page} page
 */
export function isHeld(key, one, importers, former, live, registry, page) {
  const { version, born, superseded } = one;
  if (page.loads.inline.has(key) && born === 0) return true;
  if (page.holds(key, version)) return true;
  const scripts = registry.scriptsOf(key);
  if (scripts.some((script) => registry.actual(key, script.holds.get(key)) === version)) return true;
  /** @param {number} time at which an importer was evaluated */
  const wasNewest = (time) => born <= time && time < superseded;
  /** @param {string} importer @param {number} time */
  const imports = (importer, time) => importers.includes(importer) || time < (former.get(importer) ?? 0);
  // Of an importer that was edited an earlier instance may bind to what the newest does
  // not even name.
  for (const importer of registry.keys()) {
    if (importer === key) continue;
    for (const holder of registry.instances(importer)) {
      if (!live.has(holder)) continue;
      if (holder.tells) {
        if (registry.actual(key, holder.holds.get(key)) === version) return true;
      } else if (imports(importer, holder.born) && wasNewest(holder.born)) {
        return true;
      }
    }
  }
  return [...importers, ...former.keys()].some(
    (importer) =>
      importer !== key &&
      registry.silentTimes(importer, live).some((time) => imports(importer, time) && wasNewest(time)),
  );
}
