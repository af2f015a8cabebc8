// @ts-check
/**
 * The inspector: connects, asks, and shows what it is told.
 *
 * It uses the connection of the client runtime, and nothing else of that: it loads no
 * module of the app, and no page waits for it.
 */

import { Connection } from "../transport.js";
import { details } from "./details.js";
import { Drawing } from "./drawing.js";
import { element, replace } from "./elements.js";
import { list } from "./list.js";
import { Model } from "./model.js";
import { pages } from "./pages.js";
import { SourceView } from "./source.js";
import { updates } from "./updates.js";

/** How often the server is told that the inspector is still open, in milliseconds. */
const RENEWAL = 10_000;
/** The pages come first: what changed is asked for when they have had the time. */
const PAUSE = 300;
const VIEWS = ["modules", "pages", "updates"];

const model = new Model();
const name = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16)).join("-");
let isConnected = false;
/** What shows the server that it is one of its own pages that asks. */
let token = "";
/** @type {ReturnType<typeof setTimeout> | undefined} */
let pause;
/** What is to be shown anew. @type {Set<string>} */
const stale = new Set();

// The page

const status = element("p", { class: "status", role: "status" }, "Connecting…");
const search = /** @type {HTMLInputElement} */ (
  element("input", { type: "search", id: "search", autocomplete: "off", spellcheck: "false", placeholder: "Search (press /)", "aria-label": "Search", input: () => show() })
);
const tabs = new Map(VIEWS.map((view) => [view, element("a", { href: `#/${view}` }, title(view), " ", element("span", { class: "count" }))]));
const announcement = element("p", { class: "unseen", role: "status", id: "announcement" });
const listing = element("nav", { class: "list", "aria-label": "Modules" });
const facts = element("div", { class: "facts" });
const source = new SourceView();
const drawing = new Drawing(model);
drawing.onScope = () => show();
const side = element("section", { class: "details", "aria-label": "Details" }, facts, source.root);
const views = new Map([
  ["modules", element("main", { class: "modules" }, listing, drawing.root, side)],
  ["pages", element("main", { class: "single" })],
  ["updates", element("main", { class: "single" })],
]);
const menu = element("nav", { class: "tabs", "aria-label": "Views" }, ...tabs.values());
document.body.append(
  element("header", {}, element("h1", {}, "HMR inspector"), menu, search, status),
  ...views.values(),
  announcement,
);

/** @returns {{view: string, key: string | undefined}} what the address asks for */
function place() {
  const [, view = "", key] = location.hash.split("/");
  try {
    return { view: VIEWS.includes(view) ? view : "modules", key: key && decodeURIComponent(key) };
  } catch {
    return { view: "modules", key: undefined };
  }
}

function show() {
  const { view, key } = place();
  for (const [one, main] of views) main.hidden = one !== view;
  for (const [one, tab] of tabs) {
    if (one === view) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
    const count = one === "modules" ? model.modules.size : one === "pages" ? model.pages.size : model.updates.length;
    /** @type {Element} */ (tab.lastElementChild).textContent = String(count);
  }
  document.title = `${key && view === "modules" ? `${key} · ` : ""}HMR inspector`;
  const main = /** @type {HTMLElement} */ (views.get(view));
  if (view === "modules") showModules(key);
  else if (view === "pages") replace(main, pages(model, search.value));
  else replace(main, updates(model, search.value));
}

/** @param {string | undefined} key of the selected module */
function showModules(key) {
  const found = model.search(search.value);
  replace(listing, list(found, key));
  const open = () => connection.send({ type: "open", file: key, line: 1, column: 1 });
  replace(facts, details(model, key, model.hasEditor ? open : undefined));
  source.select(key);
  drawing.show(key, new Set(found.map((module) => module.key)));
}

/** @param {string} view */
function title(view) {
  return view[0].toUpperCase() + view.slice(1);
}

function moved() {
  const { view, key } = place();
  const before = document.activeElement;
  show();
  if (key !== undefined) askForSource();
  if (view === "modules" && key !== undefined) {
    listing.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
    side.scrollTop = 0;
  }
  // A link that is gone leaves the focus nowhere.
  if (before !== document.body && !document.activeElement?.checkVisibility()) {
    const heading = views.get(view)?.querySelector("h2[tabindex]");
    if (heading instanceof HTMLElement) heading.focus();
  }
}

addEventListener("hashchange", moved);
addEventListener("resize", () => drawing.show(place().key, new Set(model.search(search.value).map(({ key }) => key))));
addEventListener("keydown", (event) => {
  const isTyping = event.target instanceof HTMLInputElement && event.target.type === "search";
  if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    search.focus();
  } else if (event.key === "Escape" && isTyping && search.value) {
    search.value = "";
    show();
  }
});

// The connection

const base = new URL("../../../", import.meta.url);
const connection = new Connection(base, {}, {
  hello: () => ({ inspector: true }),
  held: () => [],
  shown: () => [],
  count: () => 0,
  message: receive,
  connected(server, transport) {
    isConnected = true;
    token = server.token;
    model.forget();
    say(`Connected by ${transport}`, "good");
    ask("anew");
    askForSource();
  },
  disconnected: () => (isConnected = false),
  foreign() {},
  gone() {
    isConnected = false;
    say("Waiting for the server…", "bad");
  },
  broken(code, text) {
    isConnected = false;
    say(code < 500 ? `The server refuses: ${text}` : "The app cannot be started", "bad");
  },
});

/** @param {string} text @param {string} kind */
function say(text, kind) {
  // Said again, it would be read out again.
  if (status.textContent !== text) status.textContent = text;
  status.className = `status ${kind}`;
}

/** @param {string} [pages] which of what pages hold is wanted: `anew` all, `again` what is new */
function ask(pages) {
  clearTimeout(pause);
  pause = undefined;
  const { revision, stamp } = model;
  if (isConnected) connection.send({ type: "inspect", name, revision, stamp, pages });
}

async function askForSource() {
  const { key } = place();
  if (!isConnected || key === undefined) return;
  const url = new URL("inspector/source", base);
  url.searchParams.set("url", key);
  try {
    const response = await fetch(url, { headers: { "HMR-Token": token } });
    source.take(key, (await response.json()).stages);
  } catch {
    // The server is away; it is asked again when it is back.
  }
}

/** @param {any} message */
function receive(message) {
  if (message.type !== "inspected") {
    // Whatever changed, what is shown of it may be old.
    if (["update", "assets", "templates"].includes(message.type)) pause ??= setTimeout(changed, PAUSE);
    return;
  }
  const before = model.updates.at(-1)?.id ?? 0;
  const all = model.take(message);
  all.forEach(later);
  // What a page has just loaded the server may have read only now.
  if (all.has("pages") && !message.modules) pause ??= setTimeout(ask, PAUSE);
  if (message.stamp === undefined) announce(model.updates.filter(({ id }) => id > before));
}

function changed() {
  ask();
  askForSource();
}

/** @param {import("./model.js").Update[]} news */
function announce(news) {
  for (const { about, changed: keys, count } of news) {
    if (about === "modules") requestAnimationFrame(() => drawing.flash(keys));
    const more = count > 1 ? ` and ${count - 1} more` : "";
    announcement.textContent = `${keys[0]}${more} changed`;
  }
}

/** @param {string} news */
function later(news) {
  if (!stale.size) {
    requestAnimationFrame(() => {
      stale.clear();
      show();
    });
  }
  stale.add(news);
}

setInterval(() => {
  if (model.expire()) later("pages");
  ask("again");
}, RENEWAL);
show();
connection.connect();
