// @ts-check
/** What keeps new markup from being morphed into a page, so that it has to be loaded. */

import { attributesOf, codeOf, isData, isRuntime } from "./signs.js";

/**
 * Tell why a page cannot take over new markup: what scripts did cannot be undone, and
 * some of what a head says counts only when it is read first.
 *
 * @param {Document} base what the page was made from
 * @param {Document} next
 * @returns {string | undefined} the reason, if there is one
 */
export function obstacle(base, next) {
  const [old, young] = [base, next].map(scriptsOf);
  for (const [sign, script] of old) {
    if (!young.has(sign)) return `${nameOf(script)} has changed or is gone`;
  }
  for (const [sign, script] of young) {
    const isModule = attributesOf(script).get("type")?.trim().toLowerCase() === "module";
    if (!old.has(sign) && !isModule && script.closest("head")) return `${nameOf(script)} is new in the head`;
  }
  for (const [selector, what] of CONSTANT) {
    if (textsOf(base, selector) !== textsOf(next, selector)) return `${what} has changed`;
  }
  return undefined;
}

/** What a document settles once and for all. */
const CONSTANT = [
  ["script[type=importmap]", "the import map"],
  ["base", "the base URL"],
  ["meta[http-equiv=Content-Security-Policy i]", "the Content-Security-Policy"],
];

/** @param {Document} document @returns {Map<string, Element>} the scripts that run, by what they say */
function scriptsOf(document) {
  const found = new Map();
  for (const script of document.querySelectorAll("script")) {
    if (isRuntime(script) || isData(script) || script.matches("[type=importmap i]")) continue;
    found.set(signOf(script), script);
  }
  return found;
}

/** @param {Element} element */
function signOf(element) {
  const attributes = [...attributesOf(element)].filter(([name]) => name !== "integrity").sort();
  return `${JSON.stringify(attributes)} ${codeOf(element)}`;
}

/** @param {Document} document @param {string} selector */
function textsOf(document, selector) {
  return [...document.querySelectorAll(selector)].map((one) => mapOf(one) ?? signOf(one)).join("\n");
}

/** @param {Element} element @returns {string | undefined} what an import map says, however it is written */
function mapOf(element) {
  if (element.localName !== "script") return undefined;
  try {
    // Where addresses have versions by now, the map is written anew, and checks are left out.
    const { integrity, ...map } = JSON.parse(codeOf(element));
    return JSON.stringify(map);
  } catch {
    return undefined;
  }
}

/** @param {Element} script */
function nameOf(script) {
  const source = attributesOf(script).get("src") ?? attributesOf(script).get("href");
  return source === undefined ? "a script in the page" : `the script ${source}`;
}
