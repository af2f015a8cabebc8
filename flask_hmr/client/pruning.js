// @ts-check
/** Lets go of modules that an update has left without an importer. */

import { importersFirst, unused } from "./plan.js";
import { withVersion } from "./urls.js";

export class Pruning {
  /**
   * @param {import('./exchange.js').Exchange} exchange
   * @param {import('./events.js').Events} events
   * @param {import('./renewal.js').Renewal} renewal
   */
  constructor(exchange, events, renewal) {
    this.exchange = exchange;
    this.events = events;
    this.renewal = renewal;
  }

  /** Let go of modules that nothing imports any longer. */
  async prune() {
    const { registry, page, surroundings, patience } = this.exchange;
    const { orphans } = surroundings;
    if (!orphans.size) return;
    const loaded = surroundings.loaded();
    /** @type {Set<string>} */
    const gone = new Set();
    let count = -1;
    while (gone.size > count) {
      count = gone.size;
      for (const key of unused(orphans, registry, page.loads, loaded)) {
        gone.add(key);
        // What it got by `import()` nobody else may have asked for.
        page.unhold(key, () => true);
      }
    }
    // What only an instance holds that was to be replaced goes when that is.
    const rest = [...orphans].filter(([key]) => !gone.has(key));
    const waits = rest.some(([key]) => !surroundings.isWanted(key, loaded));
    surroundings.orphans = new Map(waits ? rest : []);
    surroundings.waiting = new Set([...surroundings.waiting].filter((key) => surroundings.orphans.has(key)));
    const sorted = importersFirst(gone, surroundings.info);
    const pruned = sorted.filter((key) => registry.has(key));
    if (pruned.length) this.events.emit("hmr:beforePrune", { urls: pruned });
    for (const key of pruned) {
      const newest = registry.newest(key);
      if (newest) {
        await patience.wait(registry.dispose(newest), `dispose of ${key}`);
        await patience.wait(registry.prune(newest), `prune of ${key}`);
      }
      registry.forget(key);
    }
    // An import of one of them has to find a new instance from now on.
    const known = sorted.filter((key) => page.loads.requested.has(key));
    for (const key of known) {
      const version = this.exchange.versions.get(key) ?? surroundings.info(key)?.version;
      this.exchange.pruned.add(withVersion(key, version));
    }
    this.renewal.renew(known);
  }
}
