// @ts-check
/** The pages that are connected, and what each of them has loaded. */

import { states } from "./details.js";
import { plural } from "./drawing.js";
import { element, linkTo } from "./elements.js";

/** @typedef {import("./model.js").Page} Page */

/**
 * @param {import("./model.js").Model} model
 * @param {string} search
 * @returns {HTMLElement[]}
 */
export function pages(model, search) {
  const heading = element("h2", { tabindex: "-1" }, "Pages");
  if (!model.pages.size) return [heading, element("p", { class: "empty" }, "No page is connected.")];
  return [heading, ...[...model.pages.values()].map((page) => section(model, page, search.toLowerCase().trim()))];
}

/** @param {import("./model.js").Model} model @param {Page} page @param {string} search */
function section(model, page, search) {
  const held = [...model.heldBy(page)];
  const found = held.filter(([key]) => key.toLowerCase().includes(search));
  const isOld = (/** @type {[string, string[]]} */ [key, versions]) => {
    const version = model.modules.get(key)?.version;
    return !!version && !!versions.at(-1) && versions.at(-1) !== version;
  };
  const old = held.filter(isOld).length;
  const rows = found.map(([key, versions]) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, element("a", { href: linkTo(key), "data-id": `${page.name} ${key}` }, key)),
      element("td", {}, ...states(versions, model.modules.get(key)?.version)),
    ),
  );
  const facts = [
    plural(held.length, "module"),
    old ? `${old} older` : "none older",
    page.transport && `by ${page.transport}`,
    browserOf(page.agent),
  ];
  return element(
    "section",
    { class: "card" },
    element("h3", {}, element("a", { href: page.url, target: "_blank", rel: "noreferrer", "data-id": `visit ${page.name}` }, page.url || "a page"), page.title ? ` ${page.title}` : ""),
    element("p", { class: "note" }, facts.filter(Boolean).join(" · ")),
    element(
      "details",
      { open: true, "data-id": `modules of ${page.name}` },
      element("summary", { "data-id": `summary of ${page.name}` }, "Modules and the versions of their instances"),
      element("div", { class: "wide" }, element("table", {}, element("tbody", {}, ...rows))),
    ),
  );
}

/** @param {string} agent what a browser says of itself */
function browserOf(agent) {
  const found = /(Firefox|Edg|OPR|Chrome|Version)\/(\d+)/.exec(agent);
  if (!found) return "";
  const names = /** @type {Record<string, string>} */ ({ Edg: "Edge", OPR: "Opera", Version: "Safari" });
  return `${names[found[1]] ?? found[1]} ${found[2]}`;
}
