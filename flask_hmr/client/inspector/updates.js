// @ts-check
/** The last updates: what changed, who took it, how long it took, or why a page reloaded. */

import { element, linkTo } from "./elements.js";

/** @typedef {import("./model.js").Update} Update */
/** @typedef {import("./model.js").Outcome} Outcome */

const FEW = 5;

/**
 * @param {import("./model.js").Model} model
 * @param {string} search
 * @returns {HTMLElement[]}
 */
export function updates(model, search) {
  const all = model.updates;
  const word = search.toLowerCase().trim();
  const found = all.filter((one) => one.changed.some((key) => key.toLowerCase().includes(word)));
  const heading = element("h2", { tabindex: "-1" }, "Last updates");
  if (!found.length) {
    const text = all.length ? "No update is found." : "Nothing has changed since the server was started.";
    return [heading, element("p", { class: "empty" }, text)];
  }
  return [heading, element("ol", { class: "updates", reversed: true }, ...found.reverse().map((one) => item(model, one)))];
}

/** @param {import("./model.js").Model} model @param {Update} update */
function item(model, update) {
  const time = new Date(update.time * 1000);
  return element(
    "li",
    { class: "card", "data-update": String(update.id) },
    element(
      "h3",
      {},
      element("time", { datetime: time.toISOString() }, time.toLocaleTimeString()),
      ` ${{ assets: "Assets", templates: "Template" }[update.about] ?? "Modules"}: `,
      ...names(update, update.changed),
      update.count > FEW ? ` and ${update.count - FEW} more` : "",
    ),
    element("p", {}, ...reading(model, update)),
    element("p", { class: "note" }, timing(update)),
    element("ul", { class: "outcomes" }, ...update.outcomes.map((one) => outcome(update, one))),
  );
}

/** @param {Update} update @param {string[]} keys @returns {(Node | string)[]} */
function names({ about, id }, keys) {
  return keys.slice(0, FEW).flatMap((key, index) => {
    const name = about === "modules" ? element("a", { href: linkTo(key), "data-id": `${id} ${key}` }, key) : element("code", {}, key);
    return index ? [", ", name] : [name];
  });
}

/**
 * What the text of the modules says about it.
 *
 * @param {import("./model.js").Model} model
 * @param {Update} update
 * @returns {(Node | string)[]}
 */
function reading(model, update) {
  const { about, boundaries = [], deadEnd = [], certain } = update;
  if (about !== "modules") return [];
  const unless = certain ? "" : " (as far as can be read: a module on the way may accept when it runs)";
  if (deadEnd.length) {
    const way = deadEnd.flatMap((key, index) => (index ? [" → ", ...names(update, [key])] : names(update, [key])));
    const declines = model.modules.get(deadEnd[deadEnd.length - 1])?.declines;
    return [declines ? "It is declined" : "Nobody accepts it", unless, ": ", ...way];
  }
  if (!boundaries.length) return ["No module is concerned."];
  return ["HMR boundaries: ", ...names(update, boundaries), unless];
}

/** @param {Update} update */
function timing({ waited, worked, pages, modules }) {
  const parts = [
    waited === null ? "" : `${ms(waited)} from the file's event to the message`,
    worked === null ? "" : `${ms(worked)} of work`,
    modules === undefined ? "" : `${modules} new version${modules === 1 ? "" : "s"}`,
    `${pages} page${pages === 1 ? "" : "s"} told`,
  ];
  return parts.filter(Boolean).join(" · ");
}

/** @param {Update} update @param {Outcome} outcome */
function outcome({ waited }, { kind, ms: taken, url, reason, via }) {
  const after = taken === null ? "" : ` ${ms(taken)} after the message`;
  const all = taken === null || waited === null ? "" : `, ${ms(waited + taken)} in all`;
  const words = /** @type {Record<string, string>} */ ({
    applied: `applied${after}${all}`,
    refreshed: `refreshed${after}${all}`,
    failed: `not applied: ${reason ?? ""}`,
    reload: `reloaded: ${reason ?? ""}`,
    nothing: "nothing to do",
  });
  const taker = via.length ? `, by ${via.join(", ")}` : "";
  return element("li", { class: kind }, element("strong", {}, url || "a page"), ` ${words[kind] ?? kind}${taker}`);
}

/** @param {number} number */
function ms(number) {
  return `${number < 10 ? number.toFixed(1) : Math.round(number)} ms`;
}
