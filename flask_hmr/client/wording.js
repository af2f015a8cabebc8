// @ts-check
/**
 * What the console would show of values, in short, as text.
 *
 * No getter is called: it may throw, take long, or change something. What comes out is
 * bounded, however large or deep the values are.
 */

/** Characters of one message. */
export const LONGEST = 2000;
/** Characters of a string inside of something. */
const LONGEST_INSIDE = 200;
/** Entries of one object that are shown, levels of objects in objects, objects in all. */
const ENTRIES = 20;
const LEVELS = 3;
const OBJECTS = 100;

const DIRECTIVE = /%([sdifoOc%])/g;

/**
 * The text of a call such as `console.log("%s: %d", name, count)`.
 *
 * @param {unknown[]} values
 * @returns {string}
 */
export function wordingOf(values) {
  const words = new Words();
  const [first, ...rest] = values;
  if (typeof first !== "string") return words.join(values);
  // `%` in one argument alone stands for itself.
  if (!rest.length) return shortened(first, LONGEST);
  let used = 0;
  const text = first.slice(0, LONGEST).replace(DIRECTIVE, (found, kind) => {
    if (kind === "%") return "%";
    if (used === rest.length) return found;
    const value = rest[used++];
    return kind === "c" ? "" : words.directive(kind, value);
  });
  return words.join([text, ...rest.slice(used)]);
}

class Words {
  #left = OBJECTS;
  /** The objects that the present one is in. @type {unknown[]} */
  #around = [];

  /** @param {unknown[]} values */
  join(values) {
    let text = "";
    for (const [index, value] of values.entries()) {
      if (text.length > LONGEST) break;
      text += (index ? " " : "") + (typeof value === "string" ? shortened(value, LONGEST) : this.of(value));
    }
    return shortened(text, LONGEST);
  }

  /** @param {string} kind @param {unknown} value */
  directive(kind, value) {
    if (kind === "s") return typeof value === "string" ? shortened(value, LONGEST) : this.of(value);
    if (kind === "o" || kind === "O") return this.of(value);
    if (typeof value === "bigint" && kind !== "f") return `${value}n`;
    if (typeof value === "symbol" || (typeof value === "object" && value !== null)) return "NaN";
    const text = String(value).slice(0, LONGEST_INSIDE);
    if (kind === "f") return String(Number.parseFloat(text));
    return kind === "i" ? String(Number.parseInt(text, 10)) : String(Math.trunc(Number(text)));
  }

  /**
   * @param {unknown} value
   * @returns {string}
   */
  of(value) {
    try {
      return this.#of(value);
    } catch {
      // A proxy may throw at anything.
      return "[an object that cannot be read]";
    }
  }

  /** @param {unknown} value */
  #of(value) {
    if (typeof value === "string") return JSON.stringify(shortened(value, LONGEST_INSIDE));
    if (typeof value === "bigint") return `${shortened(String(value), LONGEST_INSIDE)}n`;
    if (typeof value === "symbol") return shortened(String(value), LONGEST_INSIDE);
    if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
    if (typeof value === "function") return `ƒ ${shortened(String(ownValue(value, "name") ?? ""), 80)}()`;
    if (typeof value !== "object" || value === null) return String(value);
    if (this.#around.includes(value)) return "[circular]";
    if (this.#left-- <= 0) return "…";
    const plain = known(value);
    if (plain !== undefined) return plain;
    if (this.#around.length >= LEVELS) return Array.isArray(value) ? "[…]" : "{…}";
    this.#around.push(value);
    try {
      return this.#inside(value);
    } finally {
      this.#around.pop();
    }
  }

  /** @param {object} value */
  #inside(value) {
    if (Array.isArray(value)) return this.#list("", value.length, elements(value), "[", "]");
    if (ArrayBuffer.isView(value) && "length" in value) {
      const array = /** @type {Uint8Array} */ (value);
      return this.#list(`${nameOf(value)}(${array.length}) `, array.length, elements(array), "[", "]");
    }
    if (value instanceof Map) {
      return this.#list(`Map(${sizeOf(Map, value)}) `, sizeOf(Map, value), Map.prototype.entries.call(value), "{", "}", " → ");
    }
    if (value instanceof Set) {
      return this.#list(`Set(${sizeOf(Set, value)}) `, sizeOf(Set, value), Set.prototype.values.call(value), "{", "}");
    }
    const name = nameOf(value);
    const entries = [];
    let count = 0;
    for (const key in value) {
      if (!Object.hasOwn(value, key)) break;
      if (++count > ENTRIES) break;
      const own = Object.getOwnPropertyDescriptor(value, key);
      entries.push(`${wordOf(key)}: ${own && "value" in own ? this.of(own.value) : "(…)"}`);
    }
    if (count > ENTRIES) entries.push("…");
    const text = entries.length ? `{ ${entries.join(", ")} }` : "{}";
    return shortened(name && name !== "Object" ? `${name} ${text}` : text, LONGEST);
  }

  /**
   * @param {string} name
   * @param {number} length
   * @param {Iterable<unknown>} entries
   * @param {string} open
   * @param {string} close
   * @param {string} [pairs] what stands between key and value, if these are pairs
   */
  #list(name, length, entries, open, close, pairs) {
    const shown = [];
    for (const entry of entries) {
      if (shown.length === ENTRIES) break;
      if (pairs && Array.isArray(entry)) shown.push(`${this.of(entry[0])}${pairs}${this.of(entry[1])}`);
      else shown.push(entry === EMPTY ? "empty" : this.of(entry));
    }
    if (length > shown.length) shown.push(`… ${length - shown.length} more`);
    return shortened(`${name}${open}${shown.join(", ")}${close}`, LONGEST);
  }
}

const EMPTY = Symbol("empty");

/** @param {ArrayLike<unknown>} list */
function* elements(list) {
  for (let index = 0; index < list.length; index++) {
    const own = Object.getOwnPropertyDescriptor(list, index);
    yield own ? ("value" in own ? own.value : EMPTY) : EMPTY;
  }
}

/**
 * What has a short form of its own.
 *
 * @param {object} value
 * @returns {string | undefined}
 */
function known(value) {
  if (value instanceof Error) return errorText(value);
  if (typeof Element === "function" && value instanceof Element) return elementText(value);
  if (typeof Node === "function" && value instanceof Node) return `#${shortened(nodeName(value).replace(/^#/, ""), 80)}`;
  if (typeof Window === "function" && value === window) return "Window {…}";
  if (value instanceof Date) return Number.isNaN(Date.prototype.getTime.call(value)) ? "Invalid Date" : Date.prototype.toISOString.call(value);
  if (value instanceof RegExp) return shortened(RegExp.prototype.toString.call(value), LONGEST_INSIDE);
  if (value instanceof Promise) return "Promise {…}";
  return undefined;
}

/**
 * @param {Error} error
 * @returns {string}
 */
export function errorText(error) {
  const stack = error.stack;
  const head = `${error.name}: ${error.message}`;
  if (typeof stack !== "string" || !stack) return shortened(head, LONGEST);
  // Firefox and Safari leave the message out of it.
  const text = stack.includes(String(error.message)) ? stack : `${head}\n${stack}`;
  return shortened(text, LONGEST);
}

/** @param {Element} element */
function elementText(element) {
  // By the prototype's own means: forms have their fields as properties.
  const get = Element.prototype.getAttribute;
  const id = get.call(element, "id");
  const classes = (get.call(element, "class") ?? "").trim().split(/\s+/).filter(Boolean).slice(0, 5);
  const name = nodeName(element).toLowerCase();
  return shortened(`<${name}${id ? `#${id}` : ""}${classes.map((one) => `.${one}`).join("")}>`, LONGEST_INSIDE);
}

/** @param {Node} node @returns {string} */
function nodeName(node) {
  return Object.getOwnPropertyDescriptor(Node.prototype, "nodeName")?.get?.call(node) ?? "";
}

/**
 * @param {typeof Map | typeof Set} kind
 * @param {object} value
 * @returns {number}
 */
function sizeOf(kind, value) {
  return Object.getOwnPropertyDescriptor(kind.prototype, "size")?.get?.call(value) ?? 0;
}

/** @param {object} value @returns {string} the name of its class, `""` where there is none */
function nameOf(value) {
  const prototype = Object.getPrototypeOf(value);
  if (!prototype) return "";
  const made = ownValue(prototype, "constructor");
  return typeof made === "function" ? shortened(String(ownValue(made, "name") ?? ""), 80) : "";
}

/** @param {object} value @param {string} key @returns {unknown} without calling a getter */
function ownValue(value, key) {
  return Object.getOwnPropertyDescriptor(value, key)?.value;
}

/** @param {string} key */
function wordOf(key) {
  return /^[\w$]{1,80}$/.test(key) ? key : JSON.stringify(shortened(key, 80));
}

/** @param {string} text @param {number} length */
function shortened(text, length) {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
