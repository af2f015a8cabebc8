// @ts-check
/** All about one module: what it is to updates, who has it, what it imports, its text. */

import { plural } from "./drawing.js";
import { element, linkTo } from "./elements.js";
import { mark } from "./list.js";
import { roleOf } from "./model.js";

/** @typedef {import("./model.js").Module} Module */
/** @typedef {import("./model.js").Model} Model */

/**
 * @param {Model} model
 * @param {string | undefined} key
 * @param {() => void} [open] opens it in the developer's editor
 * @returns {HTMLElement[]}
 */
export function details(model, key, open) {
  const module = key === undefined ? undefined : model.modules.get(key);
  if (key === undefined) {
    return [element("p", { class: "empty" }, "Select a module to see its importers, its instances and its source.")];
  }
  const heading = element("h2", { tabindex: "-1" }, key);
  if (!module) return [heading, element("p", { class: "empty" }, "The server knows no such module.")];
  const { text } = roleOf(module);
  return [
    heading,
    element(
      "dl",
      {},
      ...entry("Updates", mark(module), " ", text),
      ...entry("Version", module.version ? element("code", {}, module.version) : "none"),
      ...(open ? entry("File", element("button", { type: "button", "data-id": "open", click: open }, "Open in the editor")) : []),
    ),
    instances(model, module),
    links("Importers", model, module.importers, "Nothing that is known imports it: pages load it by themselves."),
    links("Imports", model, module.imports, "It imports nothing."),
  ];
}

/** @param {string} term @param {...(Node | string)} said */
function entry(term, ...said) {
  return [element("dt", {}, term), element("dd", {}, ...said)];
}

/** @param {Model} model @param {Module} module */
function instances(model, module) {
  const holders = model.holders(module.key);
  const items = holders.map(([page, versions]) =>
    element("li", {}, element("a", { href: "#/pages", "data-id": `page ${page.name}` }, page.url || "a page"), " ", ...states(versions, module.version)),
  );
  return element(
    "section",
    { "aria-label": "Instances" },
    element("h3", {}, "Instances ", element("span", { class: "count" }, String(holders.length))),
    items.length ? element("ul", { class: "instances" }, ...items) : element("p", { class: "note" }, "No open page has it."),
  );
}

/**
 * The versions of the instances that one page has of a module.
 *
 * @param {string[]} versions the newest last; empty where the page does not know it
 * @param {string | null | undefined} present the module's own
 */
export function states(versions, present) {
  const newest = versions.at(-1);
  const said = versions.map((version) => element("code", {}, version || "unknown"));
  /** @type {(Node | string)[]} */
  const parts = said.flatMap((code, index) => (index ? [", ", code] : [code]));
  const state = !newest || !present ? "" : newest === present ? "current" : "older";
  if (state) parts.push(" ", element("span", { class: `state ${state}` }, state));
  if (versions.length > 1) parts.push(" ", element("span", { class: "state" }, plural(versions.length, "instance")));
  return parts;
}

/**
 * @param {string} title
 * @param {Model} model
 * @param {Map<string, import("./model.js").Edge>} edges
 * @param {string} none
 */
function links(title, model, edges, none) {
  const items = [...edges].sort().map(([key, { dynamic, accepted }]) => {
    const module = model.modules.get(key);
    const tags = [dynamic ? "import()" : "", accepted ? "accepted" : ""].filter(Boolean);
    return element(
      "li",
      {},
      ...(module ? [mark(module)] : []),
      element("a", { href: linkTo(key), "data-id": `${title} ${key}` }, key),
      ...tags.flatMap((tag) => [" ", element("span", { class: "tag" }, tag)]),
    );
  });
  return element(
    "section",
    { "aria-label": title },
    element("h3", {}, `${title} `, element("span", { class: "count" }, String(items.length))),
    items.length ? element("ul", {}, ...items) : element("p", { class: "note" }, none),
  );
}
