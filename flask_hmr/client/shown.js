// @ts-check
/** Elements that show images and other files, and how they are made to show newer ones. */

import { allIn, rootsOf } from "./roots.js";
import { fileOf, splitVersion, withVersion } from "./urls.js";

/** Which attributes name a file, by selector. */
const NAMING = [
  ["img[src], input[type=image i][src], source[src], audio[src], video[src], embed[src], track[src]", "src"],
  ["img[srcset], source[srcset]", "srcset"],
  ["video[poster]", "poster"],
  ["object[data]", "data"],
  ["image[href], use[href], feImage[href], link[rel~=icon i][href], link[rel~=apple-touch-icon i][href]", "href"],
  ["image, use, feImage", "xlink:href"],
  ["[style*='url('], [style*='image-set(']", "style"],
  ["style", ""],
];
const URLS = /url\(\s*(?:"([^"\\]*)"|'([^'\\]*)'|([^"'()\\\s]*))\s*\)|@import\s+(?:"([^"\\]*)"|'([^'\\]*)')/gi;

/**
 * @typedef {{element: Element, attribute: string}} Shown an attribute that names files;
 *   an empty one stands for the text
 */

/**
 * @param {Document} document
 * @returns {Generator<Shown>}
 */
export function* shownIn(document) {
  for (const root of rootsOf(document)) {
    for (const [selector, attribute] of NAMING) {
      for (const element of allIn(root, selector)) yield { element, attribute };
    }
  }
}

/**
 * Make an element show what is new.
 *
 * @param {Shown} shown
 * @param {Map<string, string | null>} news key to version
 * @returns {string[]} the keys of what it shows anew
 */
export function renewed({ element, attribute }, news) {
  const old = attribute ? element.getAttribute(attribute) : element.textContent;
  if (!old) return [];
  /** @type {string[]} */
  const keys = [];
  /** @param {string} url */
  const put = (url) => {
    const key = fileOf(url, element.baseURI);
    const version = news.get(key);
    if (!version) return url;
    keys.push(key);
    return withVersion(splitVersion(url)[0], version);
  };
  const value = replaced(attribute, old, put);
  if (!keys.length || value === old) return keys;
  if (!attribute) element.textContent = value;
  else if (attribute === "style") restyle(/** @type {HTMLElement} */ (element), put);
  else if (element instanceof HTMLMediaElement && attribute === "src") play(element, value);
  else if (element.localName === "source" && element.parentElement instanceof HTMLMediaElement) {
    element.setAttribute(attribute, value);
    play(element.parentElement);
  } else {
    element.setAttributeNS(element.getAttributeNode(attribute)?.namespaceURI ?? null, attribute, value);
  }
  return keys;
}

/**
 * @param {string} attribute
 * @param {string} text
 * @param {(url: string) => string} put
 */
function replaced(attribute, text, put) {
  if (attribute === "" || attribute === "style") return inStyle(text, put);
  if (attribute !== "srcset") return put(text);
  // https://html.spec.whatwg.org/#srcset-attributes: a URL has no comma at its end.
  return text.replace(/(^|,)(\s*)([^\s,][^\s]*[^\s,]|[^\s,])/g, (_, comma, space, url) => comma + space + put(url));
}

/** @param {string} text @param {(url: string) => string} put */
function inStyle(text, put) {
  return text.replace(URLS, (all, ...groups) => {
    const url = groups.slice(0, 5).find((group) => group !== undefined);
    return url ? all.replace(url, () => put(url)) : all;
  });
}

/**
 * Change single properties: a policy may forbid to set the attribute.
 *
 * @param {HTMLElement} element
 * @param {(url: string) => string} put
 */
function restyle({ style }, put) {
  for (const name of style) {
    const value = style.getPropertyValue(name);
    const next = inStyle(value, put);
    if (next !== value) style.setProperty(name, next, style.getPropertyPriority(name));
  }
}

/**
 * Load a clip anew, and go on where it was.
 *
 * @param {HTMLMediaElement} media
 * @param {string} [source]
 */
function play(media, source) {
  const { currentTime, paused, playbackRate } = media;
  media.addEventListener("loadedmetadata", () => {
    media.currentTime = Math.min(currentTime, media.duration || currentTime);
    media.playbackRate = playbackRate;
    if (!paused) media.play().catch(() => {});
  }, { once: true });
  if (source === undefined) media.load();
  else media.setAttribute("src", source);
}
