// @ts-check
/**
 * The callbacks of `accept`: whose, in what order, with what.
 *
 * @typedef {{registry: import('./registry.js').Registry, page: import('./page.js').Page,
 *   patience: import('./patience.js').Patience, namespace(key: string): Promise<any>}} Shell
 *   what they need; the namespace is that of a module's newest instance
 */

import { importersIn } from "./plan.js";

/**
 * Call modules that accepted a dependency: once for each call of `accept`, however
 * many of its dependencies are new.
 *
 * @param {Map<string, Set<string>>} acceptors new dependencies, with who accepts them
 * @param {number} time of the update, by the registry's clock
 * @param {Shell} shell
 */
export async function callDeps(acceptors, time, shell) {
  const { registry, page, namespace } = shell;
  for (const importer of importersIn(acceptors)) {
    // One that came with the update is bound to what is new already.
    const older = registry.acceptors(importer).filter(({ born }) => born < time);
    for (const instance of older) {
      // What a callback accepts counts from the next update on.
      for (const { deps, single, callback } of [...instance.depAccepts]) {
        const isNew = deps.some((dep) => acceptors.get(dep)?.has(importer));
        if (!isNew || !callback) continue;
        await guarded(shell, importer, async () => {
          const current = [];
          for (const dep of deps) current.push(await namespace(dep));
          const module = await page.namespaceOf(instance);
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
 * @param {Shell} shell
 */
export async function callSelf(boundaries, shell) {
  const { registry, namespace } = shell;
  /** @param {string} key */
  const order = (key) => registry.newest(key)?.order ?? 0;
  for (const key of [...boundaries].sort((a, b) => order(a) - order(b))) {
    const module = await namespace(key);
    const newest = registry.newest(key);
    for (const instance of [...registry.instances(key)]) {
      if (instance === newest) continue;
      for (const callback of [...instance.selfCallbacks]) {
        await guarded(shell, key, async () => callback(makeUpdate(module, [], module)));
      }
    }
  }
}

/**
 * Run a callback; what it throws stops neither the others nor later updates.
 *
 * @param {Shell} shell
 * @param {string} key
 * @param {() => Promise<any>} call
 */
async function guarded({ page, patience }, key, call) {
  const doing = `an accept callback of ${key}`;
  try {
    await patience.wait(call(), doing);
  } catch (error) {
    page.reports.problem(`accept ${key}`, error, doing);
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
