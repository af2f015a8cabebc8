// @ts-check
/**
 * Numbers for pieces of markup: equal for those that say the same, different for others.
 *
 * Whole subtrees can so be compared at once. What differs from answer to answer without
 * meaning anything does not count: versions of modules, nonces, the runtime's own tag.
 */

import { withoutVersions } from "./urls.js";

export class Signs {
  /** @type {Map<string, number>} */
  #numbers = new Map();
  /** @type {WeakMap<Node, number>} */
  #known = new WeakMap();

  /**
   * @param {Node} node which must not change while its number is in use
   * @returns {number}
   */
  of(node) {
    let number = this.#known.get(node);
    if (number === undefined) {
      number = this.#number(this.#text(node));
      this.#known.set(node, number);
    }
    return number;
  }

  /** @param {string} text */
  #number(text) {
    const number = this.#numbers.get(text) ?? this.#numbers.size;
    this.#numbers.set(text, number);
    return number;
  }

  /** @param {Node} node */
  #text(node) {
    if (!isElement(node)) return `${node.nodeType} ${node.nodeValue}`;
    if (isRuntime(node)) return "runtime";
    const attributes = [...attributesOf(node)].map((pair) => JSON.stringify(pair)).sort();
    const children = [...contentOf(node).childNodes].map((child) => this.of(child));
    return `${node.namespaceURI} ${node.nodeName} ${attributes} ${children}`;
  }
}

/** @param {Node | null} node @returns {node is Element} */
export function isElement(node) {
  return node?.nodeType === 1;
}

/** @param {Element} element whether it brings the client runtime */
export function isRuntime(element) {
  return element.localName === "script" && element.hasAttribute("data-hmr");
}

/** @param {Element} element what holds its children: templates have them beside the tree */
export function contentOf(element) {
  return element.localName === "template" && "content" in element
    ? /** @type {HTMLTemplateElement} */ (element).content
    : element;
}

/**
 * The attributes that mean something, without versions.
 *
 * @param {Element} element
 * @returns {Map<string, string>}
 */
export function attributesOf(element) {
  const found = new Map();
  for (const { name, value } of element.attributes) {
    if (name !== "nonce") found.set(name, plain(value));
  }
  return found;
}

/** @param {string} value without versions */
export function plain(value) {
  return value.includes("m=") ? withoutVersions(value) : value;
}
