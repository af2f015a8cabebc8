// @ts-check
/** Elements that markup brings: what they need so that they work as in a document that is loaded. */

import { isElement } from "./signs.js";

/** Longest that an old style sheet waits for the one in its place, in milliseconds. */
const PATIENCE = 3000;

/**
 * Make of a script that was parsed, and so never runs, one that does.
 *
 * @param {Element} script
 */
export function revived(script) {
  const document = script.ownerDocument;
  const made = /** @type {HTMLScriptElement} */ (document.createElementNS(script.namespaceURI, "script"));
  for (const { name, value } of script.attributes) if (name !== "nonce") made.setAttribute(name, value);
  made.textContent = script.textContent;
  const runtime = /** @type {HTMLElement | null} */ (document.querySelector("script[data-hmr]"));
  if (runtime?.nonce) made.nonce = runtime.nonce;
  // Scripts that are put in run in any order, unless they are told otherwise.
  made.async = script.hasAttribute("async");
  return made;
}

/** @param {Node} node @returns {node is Element} whether it declares a shadow root */
export function isDeclarative(node) {
  return isElement(node) && node.localName === "template" && node.hasAttribute("shadowrootmode");
}

/**
 * Give elements the shadow roots that markup declares for them.
 *
 * @param {Element} element with all that is in it
 */
export function attachShadows(element) {
  for (const template of element.querySelectorAll("template[shadowrootmode]")) {
    const host = template.parentElement;
    const mode = /** @type {ShadowRootMode} */ (template.getAttribute("shadowrootmode"));
    if (!host || host.shadowRoot) continue;
    const root = host.attachShadow({
      mode,
      delegatesFocus: template.hasAttribute("shadowrootdelegatesfocus"),
    });
    root.append(/** @type {HTMLTemplateElement} */ (template).content);
    template.remove();
    for (const inner of root.children) attachShadows(inner);
  }
}

/** @param {Node} node @returns {node is HTMLLinkElement} */
export function isSheetLink(node) {
  return isElement(node) && node.localName === "link" && /\bstylesheet\b/i.test(node.getAttribute("rel") ?? "");
}

/**
 * Wait until a style sheet is there, or will not come.
 *
 * @param {Element} link
 */
export function loaded(link) {
  return new Promise((resolve) => {
    link.addEventListener("load", resolve, { once: true });
    link.addEventListener("error", resolve, { once: true });
    setTimeout(resolve, PATIENCE);
  });
}
