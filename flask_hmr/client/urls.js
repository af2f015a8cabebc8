// @ts-check
/**
 * URLs and versions, as the server writes them.
 *
 * A module is known by its key: path, query and fragment of its URL, without the
 * version that decides which instance of it a page gets.
 */

/** The page's own origin, which a document without a URL has from its parent. */
export const ORIGIN = self.origin;

/** Characters of a version that stand for content, the others for when it was saved. */
const HALF = 8;
const VERSION = /[?&]m=([0-9a-z]{16})(?=#|$)/;

/**
 * @param {string} url
 * @returns {[string, string | undefined]} the URL without its version, the version
 */
export function splitVersion(url) {
  const found = VERSION.exec(url);
  return found ? [url.replace(VERSION, ""), found[1]] : [url, undefined];
}

/**
 * @param {string} url a URL without a version
 * @param {string | null | undefined} version
 */
export function withVersion(url, version) {
  if (!version) return url;
  const hash = url.indexOf("#");
  const head = hash < 0 ? url : url.slice(0, hash);
  const tail = hash < 0 ? "" : url.slice(hash);
  return `${head}${head.includes("?") ? "&" : "?"}m=${version}${tail}`;
}

/**
 * Tell whether two versions differ at most by when files were saved.
 *
 * @param {string} one
 * @param {string} other
 */
export function isSameContent(one, other) {
  return contentOf(one) === contentOf(other);
}

/** @param {string} version @returns {string} the part that stands for content */
export function contentOf(version) {
  return version.slice(0, HALF);
}

/**
 * @param {string} url an absolute URL
 * @returns {{key: string, version: string | undefined} | undefined} nothing for a
 *   URL of another origin, whose modules the server does not know
 */
export function keyOf(url) {
  const parsed = new URL(url);
  // What a page has made up itself, as `blob:`, is of its origin, too.
  if (parsed.origin !== ORIGIN || !/^https?:$/.test(parsed.protocol)) return undefined;
  const [key, version] = splitVersion(parsed.pathname + parsed.search + parsed.hash);
  return { key, version };
}

/**
 * The key of a file, which its fragments share.
 *
 * @param {string} url as some attribute has it
 * @param {string} [base] that it is relative to
 * @returns {string} nothing for another origin's, and for what is no URL
 */
export function fileOf(url, base) {
  try {
    return keyOf(new URL(url, base).href)?.key.split("#", 1)[0] ?? "";
  } catch {
    return "";
  }
}

/**
 * @param {string} text anything that may mention URLs with versions
 */
export function withoutVersions(text) {
  return text.replace(/[?&]m=[0-9a-z]{16}\b/g, "");
}

/**
 * Part a list into shorter ones.
 *
 * @param {string[]} urls
 * @param {number} limit after so many characters a new part begins
 */
export function inParts(urls, limit) {
  /** @type {string[][]} */
  const parts = [];
  let length = Infinity;
  for (const url of urls) {
    if (length > limit) {
      parts.push([]);
      length = 0;
    }
    length += url.length + 10;
    parts[parts.length - 1].push(url);
  }
  return parts;
}

/** @param {string} specifier */
export function isBare(specifier) {
  return !/^(\.{0,2}\/|[a-z][a-z0-9+.-]*:)/i.test(specifier);
}

/** @param {string} key whether it is that of a style sheet */
export function isSheet(key) {
  return /^[^?#]*\.css(?=[?#]|$)/.test(key);
}

/**
 * What `import()` needs besides the URL of something that is no JavaScript.
 *
 * @param {string} key
 * @returns {ImportCallOptions | undefined}
 */
export function attributesOf(key) {
  const path = key.split(/[?#]/, 1)[0];
  if (isSheet(key)) return { with: { type: "css" } };
  if (path.endsWith(".json")) return { with: { type: "json" } };
  return undefined;
}
