// @ts-check
/**
 * What the inspector knows: modules, pages and the last updates.
 *
 * It takes messages of the server and answers questions. It touches no document.
 */

/**
 * @typedef {{dynamic: boolean, accepted: boolean}} Edge
 * @typedef {{key: string, kind: string, version: string | null, acceptsSelf: boolean, mayAccept: boolean,
 *   declines: boolean, imports: Map<string, Edge>, importers: Map<string, Edge>}} Module
 * @typedef {{name: string, url: string, title: string, transport: string, agent: string, seen: number,
 *   modules: Map<string, string[]>, partial: boolean}} Page
 * @typedef {{kind: string, ms: number | null, page: string | null, url: string | null,
 *   reason: string | null, via: string[]}} Outcome
 * @typedef {{id: number, about: string, time: number, changed: string[], count: number, pages: number,
 *   waited: number | null, worked: number | null, outcomes: Outcome[], boundaries?: string[],
 *   deadEnd?: string[], certain?: boolean, modules?: number}} Update
 */

/** How long a page that says nothing is shown, in milliseconds. */
const SILENT = 75_000;
/** How many updates are kept, as on the server. */
const KEPT = 100;

export class Model {
  /** @type {Map<string, Module>} */
  modules = new Map();
  /** @type {Map<string, Page>} */
  pages = new Map();
  /** The newest last. @type {Update[]} */
  updates = [];
  /** What is known, as the server calls it. @type {string | undefined} */
  revision;
  /** @type {number | undefined} */
  stamp;
  /** Whether the server can open files in an editor. */
  hasEditor = false;
  /** Pages that have told only a part of what they hold. @type {Map<string, Map<string, string[]>>} */
  #parts = new Map();

  /**
   * @param {any} message of the type `inspected`
   * @returns {Set<string>} what of this is new: `modules`, `pages`, `updates`
   */
  take(message) {
    const news = new Set();
    if (message.editor !== undefined) this.hasEditor = message.editor;
    if (message.stamp !== undefined) this.stamp = message.stamp;
    if (message.modules) {
      this.revision = message.revision;
      this.modules = modulesOf(message.modules);
      news.add("modules");
    }
    if (message.page && this.#takePage(message.page)) news.add("pages");
    if (message.gone && this.pages.delete(message.gone)) news.add("pages");
    if (message.updates) {
      // An answer has all of them, news have those that changed.
      if (message.stamp !== undefined) this.updates = [];
      for (const update of message.updates) this.#takeUpdate(update);
      news.add("updates");
    }
    return news;
  }

  /** The server is another process: pages say anew what they hold. */
  forget() {
    this.pages.clear();
    this.#parts.clear();
    this.revision = undefined;
    this.stamp = undefined;
  }

  /** Forget pages that have said nothing for long. @returns {boolean} whether there were any */
  expire() {
    const start = performance.now() - SILENT;
    const silent = [...this.pages.values()].filter(({ seen }) => seen < start);
    for (const { name } of silent) this.pages.delete(name);
    return silent.length > 0;
  }

  /** @param {any} said @returns {boolean} whether it is news */
  #takePage({ name, url, title, transport, agent, modules, first, done, partial }) {
    const known = this.pages.get(name);
    const page = known ?? { name, url: "", title: "", transport: "", agent, seen: 0, modules: new Map(), partial: false };
    const before = [page.url, page.title, page.transport].join("\n");
    if (url !== undefined) Object.assign(page, { url, title, transport });
    page.seen = performance.now();
    this.pages.set(name, page);
    if (modules) {
      const part = (!first && this.#parts.get(name)) || new Map();
      for (const [key, versions] of modules) part.set(key, versions);
      this.#parts.set(name, part);
      if (done) {
        page.modules = part;
        page.partial = !!partial;
        this.#parts.delete(name);
      }
    }
    return !known || !!modules || before !== [page.url, page.title, page.transport].join("\n");
  }

  /** @param {Update} update */
  #takeUpdate(update) {
    const place = this.updates.findIndex(({ id }) => id === update.id);
    if (place >= 0) this.updates[place] = update;
    else this.updates.push(update);
    this.updates.splice(0, this.updates.length - KEPT);
  }

  // Questions

  /** @param {string} text that is looked for @returns {Module[]} */
  search(text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const all = [...this.modules.values()];
    const found = words.length
      ? all.filter((module) => {
          const said = `${module.key} ${roleOf(module).text} ${module.version ?? ""}`.toLowerCase();
          return words.every((word) => said.includes(word));
        })
      : all;
    return found.sort((one, other) => (one.key < other.key ? -1 : 1));
  }

  /**
   * The modules of a page, by key, with the versions of their instances. Browsers keep few
   * requests in mind: of a page that loads many, those are added that the others import.
   *
   * @param {Page} page
   */
  heldBy(page) {
    const held = new Map(page.modules);
    if (!page.partial) return held;
    for (const key of held.keys()) {
      for (const [target, { dynamic }] of this.modules.get(key)?.imports ?? []) {
        if (!dynamic && !held.has(target)) held.set(target, [""]);
      }
    }
    return new Map([...held].sort(([one], [other]) => (one < other ? -1 : 1)));
  }

  /** @param {string} key @returns {[Page, string[]][]} pages with the versions that they hold */
  holders(key) {
    /** @type {[Page, string[]][]} */
    const found = [];
    for (const page of this.pages.values()) {
      const versions = this.heldBy(page).get(key);
      if (versions) found.push([page, versions]);
    }
    return found;
  }

  /**
   * A module with what is around it, the nearest first.
   *
   * @param {string[]} starts
   * @param {number} steps how far
   * @param {number} most how many modules
   */
  around(starts, steps, most) {
    const found = new Set(starts.filter((key) => this.modules.has(key)).slice(0, most));
    let edge = [...found];
    for (let step = 0; step < steps; step++) {
      const next = [];
      for (const key of edge) {
        const module = this.modules.get(key);
        for (const other of [...(module?.importers.keys() ?? []), ...(module?.imports.keys() ?? [])]) {
          if (found.size >= most) return found;
          if (!found.has(other) && this.modules.has(other)) next.push(other);
          if (this.modules.has(other)) found.add(other);
        }
      }
      edge = next;
    }
    return found;
  }

  /** Modules that nothing imports. */
  get roots() {
    return [...this.modules.values()].filter(({ importers }) => !importers.size).map(({ key }) => key);
  }
}

/** @param {Record<string, any>} told @returns {Map<string, Module>} */
function modulesOf(told) {
  /** @type {Map<string, Module>} */
  const modules = new Map();
  for (const [key, { kind, version, acceptsSelf, mayAccept, declines }] of Object.entries(told)) {
    modules.set(key, {
      key,
      kind,
      version,
      acceptsSelf: !!acceptsSelf,
      mayAccept: !!mayAccept,
      declines: !!declines,
      imports: new Map(),
      importers: new Map(),
    });
  }
  for (const [key, { imports = {} }] of Object.entries(told)) {
    for (const [target, flags] of Object.entries(imports)) {
      const edge = { dynamic: flags.includes("d"), accepted: flags.includes("a") };
      modules.get(key)?.imports.set(target, edge);
      modules.get(target)?.importers.set(key, edge);
    }
  }
  return modules;
}

/**
 * What a module is to an update: a name for styles, a sign, and words.
 *
 * @param {Module} module
 */
export function roleOf(module) {
  if (module.kind === "missing") return { name: "missing", sign: "✕", text: "missing: there is no such file" };
  if (module.declines) return { name: "declines", sign: "⊘", text: "declines updates" };
  if (module.acceptsSelf) return { name: "self", sign: "●", text: "HMR boundary: self-accepting" };
  if ([...module.imports.values()].some(({ accepted }) => accepted)) {
    return { name: "deps", sign: "◐", text: "HMR boundary: accepts dependencies" };
  }
  if (module.mayAccept) return { name: "may", sign: "○", text: "may accept when it runs" };
  if (module.kind === "opaque") return { name: "opaque", sign: "◇", text: "not a file that can be read" };
  return { name: "plain", sign: "", text: "passes updates on to its importers" };
}

/** @param {string} key @returns {[string, string]} folder and name */
export function partsOf(key) {
  const path = key.split(/[?#]/, 1)[0];
  const cut = path.lastIndexOf("/") + 1;
  return [key.slice(0, cut) || "/", key.slice(cut) || key];
}
