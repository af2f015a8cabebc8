// @ts-check
/**
 * What an update means for this page: which modules are evaluated again, which take
 * care of it, or why nobody does.
 *
 * @typedef {{version: string | null, previous?: string, importers: string[],
 *   dynamicImporters?: string[], imports: string[], missing?: boolean,
 *   names?: Record<string, string[]>, unsettled?: Record<string, string>}} Info
 * @typedef {{runs(key: string): boolean, stuckOn(key: string): string | undefined,
 *   held(is?: (key: string) => boolean): Set<string>, scriptsOf(key: string):
 *   import('./registry.js').Instance[], newest(key: string):
 *   import('./registry.js').Instance | undefined, instances(key: string):
 *   import('./registry.js').Instance[], tellsAll(key: string): boolean}} Registered
 * @typedef {{entries: Set<string>, classic: Set<string>, inline: Set<string>,
 *   dynamic: Map<string, Set<string>>, mayHave(key: string): boolean, failed: Map<string, string | undefined>, stuck: Set<string>}} Loads what the document itself asked for
 * @typedef {{replaced: Set<string>, boundaries: Set<string>,
 *   acceptors: Map<string, Set<string>>, reload?: string}} Plan
 */

/**
 * @param {string} key
 * @param {(key: string) => Info | undefined} info
 */
function importersOf(key, info) {
  return allImporters(info(key)).filter((importer) => importer !== key);
}

/**
 * @param {import('./registry.js').Instance | undefined} importer
 * @param {string} key
 */
function accepts(importer, key) {
  return !!importer?.depAccepts.some((accepted) => accepted.deps.includes(key));
}

/**
 * Tell whether an importer uses accepted exports alone.
 *
 * @param {Set<string> | undefined} accepted
 * @param {string[] | undefined} names
 */
function isCovered(accepted, names) {
  return !!accepted && !!names?.every((name) => accepted.has(name));
}

/**
 * Tell which modules this page has loaded. One that takes part has registered; of
 * the others only those are loaded that something loaded imports.
 *
 * @param {(key: string) => Info | undefined} info
 * @param {Registered} registry
 * @param {Loads} loads
 */
export function loadedIn(info, registry, loads) {
  /** @type {Map<string, boolean>} */
  const known = new Map();
  // An edit may have taken an import out by which a module was loaded. Of what nobody
  // told anything nothing has changed: what was loaded with the page is still there.
  const held = registry.held();
  /** @param {string} start */
  return function loaded(start) {
    const seen = new Set([start]);
    const waiting = [start];
    let answer = false;
    while (waiting.length && !answer) {
      const key = /** @type {string} */ (waiting.pop());
      answer =
        known.get(key) ??
        (registry.runs(key) ||
          held.has(key) ||
          (loads.entries.has(key) && !loads.stuck.has(key)) ||
          loads.inline.has(key) ||
          loads.dynamic.has(key) ||
          registry.scriptsOf(key).length > 0 ||
          (!info(key) && loads.mayHave(key)));
      if (known.get(key) === undefined) {
        for (const importer of info(key)?.importers ?? []) {
          // What runs says itself what it holds; its text on disk may say something new.
          // Of a specifier that means several modules, it does not say which.
          const tells = registry.tellsAll(importer) && !info(key)?.unsettled?.[importer];
          if (seen.has(importer) || tells) continue;
          waiting.push(importer);
          seen.add(importer);
        }
      }
    }
    known.set(start, answer);
    // Nothing that was walked in vain has an importer that is loaded.
    if (!answer) for (const key of seen) known.set(key, false);
    return answer;
  };
}

/**
 * @param {Iterable<string>} starts modules that changed
 * @param {(key: string) => Info | undefined} info
 * @param {(key: string) => boolean} loaded
 * @param {Registered} registry
 * @param {Loads} loads
 * @param {Map<string, {again: boolean}>} [invalid] modules that leave it to their importers,
 *   and whether they are to be evaluated again
 * @returns {Plan}
 */
export function makePlan(starts, info, loaded, registry, loads, invalid = new Map()) {
  /** @type {Plan} */
  const plan = { replaced: new Set(), boundaries: new Set(), acceptors: new Map() };
  /** @type {Map<string, string | undefined>} */
  const cameFrom = new Map();
  for (const key of starts) cameFrom.set(key, undefined);
  for (const [key, { again }] of invalid) if (again) cameFrom.set(key, undefined);
  /** From importers down again. @type {Map<string, string[]>} */
  const below = new Map();
  /** Modules whose update is taken, by themselves or by an importer. @type {string[]} */
  const taken = [];
  /** @type {string | undefined} */
  let reload;
  for (const [key] of invalid) if (!cameFrom.has(key)) reload ??= goOn(key, registry.newest(key));
  // To the end in any case: an update that is not possible yet has to know all that
  // it will replace.
  for (const key of cameFrom.keys()) {
    const reason = step(key);
    reload ??= reason;
  }
  if (reload) return { ...plan, reload };
  // A way that only goes round ends nowhere.
  const led = new Set(taken);
  for (const key of led) for (const lower of below.get(key) ?? []) led.add(lower);
  const lost = [...cameFrom.keys()].find((key) => !led.has(key));
  return lost ? { ...plan, reload: `nobody accepts it: ${way(lost)}` } : plan;

  /** @param {string} key @returns {string | undefined} why the page has to reload */
  function step(key) {
    const newest = registry.newest(key);
    plan.replaced.add(key);
    const isDeclined = registry.instances(key).some((instance) => instance.declines);
    const old = registry.stuckOn(key);
    if (old) return `the page's import map has ${way(key)} import the first instance of ${old}`;
    return goOn(key, newest) ?? (isDeclined ? `${way(key)} declined updates` : undefined);
  }

  /**
   * @param {string} key
   * @param {import('./registry.js').Instance | undefined} newest
   * @returns {string | undefined} why the page has to reload
   */
  function goOn(key, newest) {
    const own = invalid.has(key) ? undefined : newest;
    const exported = own?.selfAccepts ? undefined : own?.acceptedExports;
    const takes = own?.selfAccepts || exported || (loads.failed.has(key) && !invalid.has(key));
    if (takes) {
      plan.boundaries.add(key);
      taken.push(key);
    }
    if (takes && !exported && !own?.bubbles) return undefined;
    if (!info(key)) return `${way(key)} has no newer instance to go on with`;
    const scripts = registry.scriptsOf(key);
    if (loads.inline.has(key) || !scripts.every((script) => accepts(script, key))) {
      return `a script in the page imports ${way(key)}`;
    }
    for (const script of scripts) accept(script.key, key);
    const importers = importersOf(key, info).filter(
      (importer) => loaded(importer) && !isCovered(exported, info(key)?.names?.[importer]),
    );
    if (!importers.length && !scripts.length && !takes) {
      const why = loads.classic.has(key) ? "a classic script cannot be replaced" : "nobody accepts it";
      return `${why}: ${way(key)}`;
    }
    for (const importer of importers) {
      if (accepts(registry.newest(importer), key)) {
        accept(importer, key);
        continue;
      }
      const specifier = info(key)?.unsettled?.[importer];
      if (specifier) return `"${specifier}" in ${importer} means ${way(key)} in this page only`;
      below.set(importer, [...(below.get(importer) ?? []), key]);
      if (!cameFrom.has(importer)) cameFrom.set(importer, key);
    }
    return undefined;
  }

  /** @param {string} importer @param {string} key which it accepts */
  function accept(importer, key) {
    const acceptors = plan.acceptors.get(key) ?? new Set();
    plan.acceptors.set(key, acceptors.add(importer));
    taken.push(key);
  }

  /** @param {string | undefined} key */
  function way(key) {
    const steps = [];
    for (; key !== undefined; key = cameFrom.get(key)) steps.unshift(key);
    return steps.join(" ← ");
  }
}

/**
 * Put importers before what they import, as far as there are no circles. In one that an
 * `import()` closes, those count that import statically.
 *
 * @param {Iterable<string>} keys
 * @param {(key: string) => Info | undefined} info
 */
export function importersFirst(keys, info) {
  const given = new Set(keys);
  /** @type {Set<string>} */
  const seen = new Set();
  /** @type {string[]} */
  const sorted = [];
  for (const start of given) {
    const waiting = [{ key: start, isLeft: false }];
    while (waiting.length) {
      const { key, isLeft } = /** @type {{key: string, isLeft: boolean}} */ (waiting.pop());
      if (isLeft) sorted.push(key);
      if (isLeft || seen.has(key)) continue;
      seen.add(key);
      waiting.push({ key, isLeft: true });
      const closing = info(key)?.dynamicImporters?.filter((one) => given.has(one) && isAbove(key, one, given, info)) ?? [];
      for (const importer of importersOf(key, info)) {
        const isFirst = given.has(importer) && !closing.includes(importer);
        if (isFirst) waiting.push({ key: importer, isLeft: false });
      }
    }
  }
  return sorted;
}

/**
 * Tell whether a module imports another, statically and by whatever ways.
 *
 * @param {string} top
 * @param {string} key
 * @param {Set<string>} among these
 * @param {(key: string) => Info | undefined} info
 */
function isAbove(top, key, among, info) {
  const seen = new Set([key]);
  for (const one of seen) {
    for (const importer of info(one)?.importers ?? []) {
      if (importer === top) return true;
      if (among.has(importer)) seen.add(importer);
    }
  }
  return false;
}

/** @param {Map<string, Set<string>>} acceptors */
export function importersIn(acceptors) {
  return new Set([...acceptors.values()].flatMap((importers) => [...importers]));
}

/** @param {Plan} plan what is imported, for everything below to be evaluated */
export function tops(plan) {
  return [...new Set([...plan.acceptors.keys(), ...plan.boundaries])];
}

/**
 * Add to modules what they import statically: the browser then asks for all at once, and
 * not for one level after the other.
 *
 * @param {string[]} keys
 * @param {Set<string>} replaced of which it is looked for
 * @param {(key: string) => Info | undefined} info
 */
export function linkedBy(keys, replaced, info) {
  /** @type {Map<string, string[]>} */
  const below = new Map();
  for (const key of replaced) {
    for (const importer of info(key)?.importers ?? []) {
      const known = below.get(importer);
      if (known) known.push(key);
      else below.set(importer, [key]);
    }
  }
  const linked = new Set(keys);
  for (const key of linked) for (const lower of below.get(key) ?? []) linked.add(lower);
  return [...linked];
}

/** @param {Plan} plan the modules that take care of it */
export function takers(plan) {
  return new Set([...plan.boundaries, ...importersIn(plan.acceptors)]);
}

/**
 * Tell whether a module is no longer there, and nothing that is loaded asks for it.
 *
 * @param {Info | undefined} info
 * @param {(key: string) => boolean} loaded
 */
export function isGoneUnmissed(info, loaded) {
  return !!info?.missing && !allImporters(info).some(loaded);
}

/** @param {Info | undefined} info */
export function allImporters(info) {
  return [...(info?.importers ?? []), ...(info?.dynamicImporters ?? [])];
}

/**
 * Find modules that nothing imports any longer, in a circle neither.
 *
 * @param {Map<string, Info>} orphans modules that lost an importer, and those below
 * @param {Registered} registry
 * @param {Loads} loads
 * @param {(key: string) => boolean} loaded
 * @param {Set<string>} [leaving] modules whose instances are about to be replaced
 */
export function unused(orphans, registry, loads, loaded, leaving = new Set()) {
  /** @type {Set<string>} */
  const used = new Set();
  // The text on disk may be ahead of what runs.
  const held = registry.held((key) => !orphans.has(key) && !leaving.has(key));
  const waiting = [...orphans.keys()].filter(
    (key) =>
      loads.entries.has(key) ||
      loads.inline.has(key) ||
      loads.dynamic.has(key) ||
      held.has(key) ||
      registry.scriptsOf(key).length > 0 ||
      allImporters(orphans.get(key)).some((k) => !orphans.has(k) && loaded(k)),
  );
  while (waiting.length) {
    const key = /** @type {string} */ (waiting.pop());
    // What the page never asked for uses nothing, whoever may import it one day.
    const isThere = loaded(key) || loads.mayHave(key);
    if (!orphans.has(key) || used.has(key) || !isThere) continue;
    used.add(key);
    waiting.push(...(orphans.get(key)?.imports ?? []));
  }
  return [...orphans.keys()].filter((key) => !used.has(key));
}
