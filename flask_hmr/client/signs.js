// @ts-check
/**
 * Numbers for pieces of markup: equal for those that say the same, different for others.
 *
 * Whole subtrees can so be compared at once. What differs from answer to answer without
 * meaning anything does not count: versions of modules, nonces, the runtime's own tag.
 */

import { withoutVersions } from "./urls.js";

/** Most texts that are kept from one refresh to the next. */
const KEPT = 200_000;

export class Signs {
  /** @type {WeakMap<Node, number>} */
  #known = new WeakMap();

  /** @param {Map<string, number>} [numbers] shared by those that are to be compared */
  constructor(numbers = new Map()) {
    this.numbers = numbers;
  }

  /** Signs of other nodes, to be compared with these: of a tree that will change. */
  fresh() {
    return new Signs(this.numbers);
  }

  /** Whether it is time to begin anew. */
  get isFull() {
    return this.numbers.size > KEPT;
  }

  /**
   * @param {Node} node which must not change while its number is in use
   * @returns {number}
   */
  of(node) {
    let number = this.#known.get(node);
    if (number === undefined) {
      const text = isElement(node) ? this.#text(node) : `${node.nodeType} ${node.nodeValue}`;
      number = this.numbers.get(text);
      if (number === undefined) this.numbers.set(text, (number = this.numbers.size));
      this.#known.set(node, number);
    }
    return number;
  }

  // Runs for each element of a page: hence no more objects than it takes.

  /** @param {Element} element */
  #text(element) {
    if (isRuntime(element)) return "runtime";
    let text = element.nodeName;
    if (element.namespaceURI !== HTML) text += ` ${element.namespaceURI}`;
    // No markup has a null character: so ends what the attributes say.
    if (element.hasAttributes()) text += `${attributesIn(element)}\0`;
    if (element.localName === "script" && !isData(element)) return `${text} ${codeOf(element)}`;
    for (let child = contentOf(element).firstChild; child; child = child.nextSibling) {
      text += ` ${this.of(child)}`;
    }
    return text;
  }
}

const HTML = "http://www.w3.org/1999/xhtml";

/** @param {Element} element */
function attributesIn({ attributes }) {
  if (attributes.length === 1) return textOf(attributes[0]);
  /** @type {string[]} */
  const texts = [];
  for (let index = 0; index < attributes.length; index++) texts.push(textOf(attributes[index]));
  // The order in which they are written means nothing.
  return texts.sort().join("");
}

/** @param {Attr} attribute */
function textOf({ name, value }) {
  return name === "nonce" ? "" : `\0${name}=${plain(value)}`;
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

/** @param {Element} script whether it is no code, but data or a template of some library */
export function isData(script) {
  const type = (script.getAttribute("type") ?? "").trim().toLowerCase();
  return !!type && !["module", "importmap", "speculationrules"].includes(type) && !/javascript|ecmascript/.test(type);
}

/** Strings that are made anew for each answer, such as the tokens of forms. */
const TOKEN = /(["'`])(?:(?=[^"'`]*\d)(?=[^"'`]*[a-z])(?=[^"'`]*[A-Z])[\w.+/=-]{24,}|[\da-f-]{32,})\1/g;

/**
 * The code of a script, without what differs from answer to answer and is no code.
 *
 * @param {Element} script
 */
export function codeOf(script) {
  return plain(script.textContent ?? "").replace(TOKEN, "$1$1");
}

/** @param {string} value without versions */
export function plain(value) {
  return value.includes("m=") ? withoutVersions(value) : value;
}
