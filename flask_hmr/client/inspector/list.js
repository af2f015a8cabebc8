// @ts-check
/** The modules as a list of links, by folder. */

import { element, linkTo } from "./elements.js";
import { partsOf, roleOf } from "./model.js";

/**
 * @param {import("./model.js").Module[]} modules in their order
 * @param {string | undefined} selected
 * @returns {HTMLElement[]}
 */
export function list(modules, selected) {
  /** @type {Map<string, import("./model.js").Module[]>} */
  const folders = new Map();
  for (const module of modules) {
    const [folder] = partsOf(module.key);
    folders.set(folder, [...(folders.get(folder) ?? []), module]);
  }
  if (!folders.size) return [element("p", { class: "empty" }, "No module is found.")];
  return [...folders].map(([folder, inside]) =>
    element(
      "details",
      { open: true, "data-id": `folder ${folder}` },
      element("summary", { "data-id": `summary ${folder}` }, folder, " ", element("span", { class: "count" }, String(inside.length))),
      element("ul", {}, ...inside.map((module) => item(module, selected))),
    ),
  );
}

/** @param {import("./model.js").Module} module @param {string | undefined} selected */
function item(module, selected) {
  const { key } = module;
  const current = key === selected ? "true" : undefined;
  return element(
    "li",
    {},
    element("a", { href: linkTo(key), "aria-current": current, "data-id": `list ${key}`, title: key }, mark(module), partsOf(key)[1]),
  );
}

/** The sign of what a module is to an update. @param {import("./model.js").Module} module */
export function mark(module) {
  const { name, sign, text } = roleOf(module);
  if (!sign) return element("span", { class: "mark" });
  return element("span", { class: `mark ${name}`, title: text, role: "img", "aria-label": text }, sign);
}
