// @ts-check
/**
 * The callbacks of `accept`: whose, in what order, with what.
 *
 * @typedef {import('./registry.js').Instance} Instance
 * @typedef {import('./registry.js').Registry} Registry
 * @typedef {import('./page.js').Page} Page
 * @typedef {(key: string) => Promise<any>} Namespace of a module's newest instance
 */

/**
 * Call modules that accepted a dependency: once for each call of `accept`, however
 * many of its dependencies are new.
 *
 * @param {Map<string, Set<string>>} acceptors new dependencies, with who accepts them
 * @param {Registry} registry
 * @param {Page} page
 * @param {Namespace} namespace
 */
export async function callDeps(acceptors, registry, page, namespace) {
  for (const importer of importersIn(acceptors)) {
    for (const instance of [...registry.instances(importer)]) {
      for (const { deps, single, callback } of instance.depAccepts) {
        const isNew = deps.some((dep) => acceptors.get(dep)?.has(importer));
        if (!isNew || !callback) continue;
        await guarded(page, importer, async () => {
          const current = [];
          for (const dep of deps) current.push(await namespace(dep));
          const module = await page.importModule(instance.key, instance.version);
          await callback(makeUpdate(module, current, single ? current[0] : {}));
        });
      }
    }
  }
}

/**
 * Call all instances of modules that accepted themselves, but for the newest.
 *
 * @param {string[]} boundaries
 * @param {Registry} registry
 * @param {Page} page
 * @param {Namespace} namespace
 */
export async function callSelf(boundaries, registry, page, namespace) {
  /** @param {string} key */
  const order = (key) => registry.newest(key)?.order ?? 0;
  for (const key of [...boundaries].sort((a, b) => order(a) - order(b))) {
    const module = await namespace(key);
    const newest = registry.newest(key);
    for (const instance of [...registry.instances(key)]) {
      if (instance === newest) continue;
      for (const callback of instance.selfCallbacks) {
        await guarded(page, key, () => callback(makeUpdate(module, [], module)));
      }
    }
  }
}

/** @param {Map<string, Set<string>>} acceptors */
export function importersIn(acceptors) {
  return new Set([...acceptors.values()].flatMap((importers) => [...importers]));
}

/**
 * Run a callback; what it throws stops neither the others nor later updates.
 *
 * @param {Page} page
 * @param {string} key
 * @param {() => any} call
 */
async function guarded(page, key, call) {
  try {
    await call();
  } catch (error) {
    page.problem(`accept ${key}`, error, `an accept callback of ${key}`);
  }
}

/**
 * The argument of an accept callback. For callbacks written for Vite it also has
 * exports as properties, and can be taken apart like a list of dependencies.
 *
 * @param {any} module
 * @param {any[]} deps
 * @param {any} exported
 */
function makeUpdate(module, deps, exported) {
  const update = {};
  for (const name of Object.keys(exported)) {
    const get = () => exported[name];
    Object.defineProperty(update, name, { get, enumerable: true, configurable: true });
  }
  for (const [name, value] of Object.entries({ module, deps })) {
    Object.defineProperty(update, name, { value, enumerable: true, writable: true });
  }
  Object.defineProperty(update, Symbol.iterator, { value: () => deps.values() });
  return update;
}
