// @ts-check
/** Linked style sheets: exchanged for newer ones without a frame in which none applies. */

import { allIn, rootsOf } from "./roots.js";
import { splitVersion, withVersion } from "./urls.js";

/** Marks a link that is still loading. */
const COMING = "data-hmr-coming";

/** What is still loading, by those whose place it will take: how to do without it. @type {WeakMap<Element, () => void>} */
const coming = new WeakMap();

/**
 * @param {Document} document
 * @returns {HTMLLinkElement[]} in open shadow roots as well
 */
export function styleSheetsOf(document) {
  /** @type {HTMLLinkElement[]} */
  const found = [];
  for (const root of rootsOf(document)) {
    found.push(.../** @type {HTMLLinkElement[]} */ (allIn(root, "link[rel~=stylesheet i][href]")));
  }
  return found.filter((link) => !link.hasAttribute(COMING));
}

/**
 * Put a newer one in the place of a link: it goes when the new one has been loaded.
 *
 * @param {HTMLLinkElement} link
 * @param {string} version
 * @returns {Promise<string | undefined>} what went wrong; the old one stays then
 */
export function swap(link, version) {
  const href = withVersion(splitVersion(link.getAttribute("href") ?? "")[0], version);
  coming.get(link)?.();
  if (link.disabled) {
    // It is loaded when it is enabled, if ever.
    link.setAttribute("href", href);
    return Promise.resolve(undefined);
  }
  const next = /** @type {HTMLLinkElement} */ (link.cloneNode());
  // What was made for the old text.
  next.removeAttribute("integrity");
  next.setAttribute(COMING, "");
  next.nonce = link.nonce;
  return new Promise((resolve) => {
    coming.set(link, () => {
      next.remove();
      resolve(undefined);
    });
    next.addEventListener("load", () => {
      // Meanwhile a template may have taken the old one out.
      if (link.isConnected) link.remove();
      else next.remove();
      next.removeAttribute(COMING);
      resolve(undefined);
    }, { once: true });
    next.addEventListener("error", () => {
      next.remove();
      resolve("cannot be loaded");
    }, { once: true });
    next.setAttribute("href", href);
    link.after(next);
  });
}
