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
 * @param {import('./registry.js').Instance} instance
 * @param {import('./plan.js').Info | undefined} info of its module
 * @param {import('./registry.js').Registry} registry
 * @param {import('./page.js').Page} page
 */
export function isHeld(instance, info, registry, page) {
  const { key, version, born, superseded } = instance;
  if (page.loads.inline.has(key) && born === 0) return true;
  if (page.holds(key, version)) return true;
  const scripts = registry.scriptsOf(key);
  if (scripts.some((script) => registry.actual(key, script.holds.get(key)) === version)) return true;
  return (info?.importers ?? []).some((importer) => {
    if (importer === key) return false;
    if (registry.has(importer)) {
      return registry
        .instances(importer)
        .some((holder) => registry.actual(key, holder.holds.get(key)) === version);
    }
    const evaluated = registry.evaluated.get(importer);
    const times = evaluated === undefined ? registry.loads : [evaluated];
    return times.some((time) => born <= time && time < superseded);
  });
}
