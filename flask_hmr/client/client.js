// @ts-check
/**
 * The client runtime of Flask-HMR: what rewritten modules import.
 *
 * `setup` gives a module `import.meta.hot`, `load` stands in for `import()`.
 */

import { Assets } from "./assets.js";
import { problemIn } from "./debugger.js";
import { Events } from "./events.js";
import { outdated } from "./history.js";
import { Notice } from "./notice.js";
import { Page } from "./page.js";
import { Refresher } from "./refresh.js";
import { Registry } from "./registry.js";
import { SERVER } from "./reports.js";
import { restore } from "./restore.js";
import { Connection } from "./transport.js";
import { Updater } from "./update.js";
import { contentOf, isBare, keyOf, ORIGIN, splitVersion, withVersion } from "./urls.js";

const base = new URL("../../", import.meta.url);
export const events = new Events();
export const page = new Page(base, events, send);
const registry = new Registry(events, {
  isDocument: (url) => page.isDocument(url),
  mayBeOf: (key, time) => page.loads.mayBeOf(key, time),
  invalidate,
  send: (event, data) => send({ type: "custom", event, data }),
  problem: (error, doing) => page.reports.problem(doing, error, doing),
});
page.ready.then(() => page.loads.end(0, registry.clock));
const updater = new Updater(registry, events, page);
const assets = typeof document === "undefined" ? undefined : new Assets(page, events, updater);
/** How `invalidate()` is to be answered, as the server is configured. */
let invalidation = "reload";
/** The versions of scripts that workers run. @type {Map<string, string>} */
const workers = new Map();
/** Whether versions in the text of modules come from the present server process. */
let current = true;
/** Whether the app that made the page has been started again since. */
let isRestarted = false;
export const refresher = typeof document === "undefined" ? undefined : new Refresher(page, events);

/** Tells inspectors what this page holds, once one has asked. @type {import('./inspected.js').Inspected | undefined} */
let inspected;
/** By which the page is connected. */
let transport = "";

const notice = new Notice();
const connection = new Connection(base, page.mark, {
  hello: () => ({
    maps: page.importMaps(),
    workers: [...page.loads.workers],
    assets: assets?.seq,
    ...refresher?.hello(),
  }),
  held,
  shown: () => assets?.questions() ?? [],
  count: () => registry.count + page.dynamicUrls.length,
  message: receive,
  connected(server, name) {
    transport = name;
    invalidation = server.invalidate;
    if (server.policy) page.linker.mayInline = false;
    console.debug(`[hmr] connected (${transport})`);
    notice.hide();
    page.reports.clear(SERVER);
    events.emit("hmr:connect", { session: server.session, transport });
    if (isRestarted) assets?.compare();
    if (isRestarted) refresher?.restarted();
    isRestarted = false;
  },
  disconnected() {
    console.debug("[hmr] disconnected");
    events.emit("hmr:disconnect", {});
    updater.renewal.again();
  },
  gone() {
    notice.show("Waiting for the server…");
  },
  broken(status, text) {
    notice.hide();
    // A refusal is explained in the terminal.
    if (status < 500) console.warn(`[hmr] the server does not let this page connect: ${text}`);
    else page.reports.show(SERVER, problemIn(status, text));
  },
  foreign() {
    current = false;
    isRestarted = true;
    // What is wrong with those of the present server it tells next.
    page.reports.plugins({});
  },
});
// A worker runs its modules as they are: it ends with the page that started it.
if (typeof document !== "undefined") {
  page.loads.follow(async (script) => {
    const version = await page.versionOf(script);
    if (version) workers.set(script, version);
  });
  connection.connect();
  addEventListener("focus", () => connection.hurry());
  restore(page.ready);
  outdated((key) => page.loads.classic.has(key)).then((key) => {
    if (key) page.reload(`${key} has changed since this page was left`);
  });
}

/**
 * Give a module the API, before its own code runs.
 *
 * @param {ImportMeta & {url: string}} meta
 * @param {Record<string, string>} imports
 * @param {string[]} [others] what it imports besides, which only this page can tell
 * @param {boolean} [computes] whether it may import more, by names that its code makes
 */
export function setup(meta, imports, others, computes) {
  registry.setup(meta, imports, others, computes);
}

/**
 * Have what stands for a module follow its instances.
 *
 * @param {string} key
 * @param {(namespace: any) => void} set
 */
export function forward(key, set) {
  page.forwards.set(key, [...(page.forwards.get(key) ?? []), set]);
}

/**
 * Take note that an instance has another version than it was asked for.
 *
 * @param {string} key
 * @param {string} asked
 * @param {string} version
 */
export function rename(key, asked, version) {
  registry.alias(key, asked, version);
}

/**
 * Stand in for `import()`, so that it gives the newest instance at any time.
 *
 * @param {string} importer the URL of the module or document that calls it
 * @param {unknown} specifier
 * @param {ImportCallOptions} [options]
 */
export async function load(importer, specifier, options) {
  const text = `${specifier}`;
  const url = await meaningOf(isBare(text) ? text : new URL(text, importer).href, importer);
  const place = keyOf(url);
  if (!place) return import(url, options);
  const { key } = place;
  await updater.exchange.settled(key);
  const version = updater.exchange.versions.get(key) ?? (await versionFor(key, place.version));
  if (!page.loads.dynamic.has(key) && !registry.has(key)) {
    registry.loads.push(++registry.clock);
  }
  const from = keyOf(importer)?.key ?? importer;
  const actual = registry.actual(key, version);
  page.hold(from, key, actual);
  try {
    return await loaded(key, ORIGIN + withVersion(key, version), options);
  } catch (error) {
    page.refuse(from, key, actual);
    throw error;
  }
}

/**
 * @param {string} specifier a bare one, or a URL, which the page's import map may redirect
 * @param {string} importer
 * @returns {Promise<string>} its URL
 */
async function meaningOf(specifier, importer) {
  const [name, version] = splitVersion(specifier);
  try {
    const url = import.meta.resolve(name);
    // What the server has written stands for the very instance.
    return version && url === name ? specifier : url;
  } catch (error) {
    // Plugins of the server may understand what no import map explains.
    const url = new URL("version", base);
    url.searchParams.set("specifier", specifier);
    url.searchParams.set("importer", keyOf(importer)?.key ?? "/");
    const found = await fetch(url).then((response) => response.json(), () => ({}));
    if (!found.url) throw error;
    return new URL(found.url, base).href;
  }
}

/**
 * @param {string} key
 * @param {string} url
 * @param {ImportCallOptions} [options]
 */
async function loaded(key, url, options) {
  const start = registry.clock;
  page.loads.begin(start);
  try {
    const namespace = await import(url, options);
    page.unloaded.loaded(key);
    return namespace;
  } catch (error) {
    updater.refused(key, splitVersion(url)[1]);
    throw error;
  } finally {
    // An update may have passed while this was loading.
    if (registry.loads.at(-1) !== registry.clock) registry.loads.push(registry.clock);
    page.loads.end(start, registry.clock);
  }
}

/**
 * @param {string} key
 * @param {string | undefined} given in the text of the importing module
 * @returns {Promise<string | undefined>}
 */
async function versionFor(key, given) {
  if (given && current) return given;
  const version = await page.versionOf(key);
  const { versions } = updater.exchange;
  if (version && !versions.has(key)) versions.set(key, version);
  return versions.get(key) ?? given;
}

/** @param {object} message */
export function send(message) {
  connection.send(message);
}

/** @param {any} message */
function receive(message) {
  if (message.type === "update") updater.enqueue(message);
  // It may have been waiting for something that is, by now, as it holds it.
  else if (message.compared) updater.enqueue({ ...message, changed: [], modules: {}, orphans: {} });
  else if (message.type === "renewed") updater.renewal.answered(message.id);
  else if (message.type === "assets") assets?.receive(message);
  else if (message.type === "templates") refresher?.changed(message.changed);
  else if (message.type === "document") refresher?.madeFrom(message.text);
  else if (message.type === "problems") page.reports.plugins(message.problems);
  else if (message.type === "reload") page.reload(message.reason);
  else if (message.type === "inspect") inspect(message.anew);
  else if (message.type === "custom" && isNew(message)) events.emit(message.event, message.data);
  inspected?.hear(message);
}

/** @param {boolean} anew whether the inspector that asks knows nothing of this page */
async function inspect(anew) {
  const { Inspected } = await import("./inspected.js");
  inspected ??= new Inspected(base, registry, updater, page, held);
  inspected.asked(anew, transport);
}

/** Events with a name that have been heard. @type {Set<string>} */
const heard = new Set();

/** @param {{name?: string}} message that several processes of the server may tell */
function isNew({ name }) {
  if (!name) return true;
  const isNews = !heard.has(name);
  heard.add(name);
  if (heard.size > 1000) heard.delete(heard.values().next().value ?? "");
  return isNews;
}

/**
 * @param {import('./registry.js').Instance} instance
 * @param {string | undefined} message
 */
function invalidate(instance, message) {
  const { key } = instance;
  const text = message === undefined ? "" : `: ${message}`;
  console.info(`[hmr] invalidate ${key}${text}`);
  events.emit("hmr:invalidate", { url: key, message });
  // Its importers may have been looked for, with new versions, before the page reloads.
  const cause = `${key} ${contentOf(instance.version ?? "")}`;
  /** @param {boolean} [isEarly] */
  const reload = (isEarly) => page.reload(`${key} was invalidated${text}`, cause, isEarly);
  if (invalidation !== "propagate") return reload();
  send({ type: "report", level: "info", text: `invalidate ${key}${text}` });
  updater.invalidate(instance, reload);
}

/** The versions that the page runs, of all modules that it knows about. */
function held() {
  /** @type {Map<string, string>} */
  const found = new Map(workers);
  /** @param {string} url */
  const add = (url) => {
    const place = keyOf(new URL(url, ORIGIN).href);
    if (place?.version) found.set(place.key, place.version);
  };
  for (const script of document.querySelectorAll("script[type=module][src]")) {
    add(/** @type {HTMLScriptElement} */ (script).src);
  }
  for (const key of registry.keys()) {
    for (const [dep, version] of registry.newest(key)?.holds ?? []) {
      if (version) found.set(dep, version);
    }
  }
  page.dynamicUrls.forEach(add);
  for (const [key, version] of updater.exchange.versions) found.set(key, version);
  for (const key of registry.keys()) {
    const version = registry.newest(key)?.version;
    if (version) found.set(key, version);
  }
  // The server knows an instance that the page kept by its later name.
  for (const [key, version] of found) found.set(key, registry.named(key, version));
  return [...found];
}
