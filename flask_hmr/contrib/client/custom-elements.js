// @ts-check
/**
 * Keeps custom elements alive when the class behind them is replaced.
 *
 * A name can be defined once only. So what is defined is a stand-in, which has every
 * element made by the newest class and hands every call on to it. This has to run before
 * any module of the page.
 */

import { on, reload } from "@hmr/client";

/**
 * @typedef {CustomElementConstructor & {observedAttributes?: Iterable<string>,
 *   formAssociated?: boolean, hotReplacedCallback?: () => void}} Class
 * @typedef {HTMLElement & {hotReplacedCallback?: () => void, render?: () => void,
 *   connectedCallback?: () => void, disconnectedCallback?: () => void}} Element
 * @typedef {{before?: (element: Element, standIn: Class) => any,
 *   after?: (element: Element, standIn: Class, saved: any) => boolean}} Kind of elements:
 *   `before` gives what is to be saved of one, `after` tells whether it is shown anew
 */

/** What browsers call on elements, and look for when a name is defined. */
const REACTIONS = [
  "connectedCallback",
  "disconnectedCallback",
  "connectedMoveCallback",
  "adoptedCallback",
  "attributeChangedCallback",
  "formAssociatedCallback",
  "formResetCallback",
  "formDisabledCallback",
  "formStateRestoreCallback",
];
const STATIC = ["length", "name", "prototype"];
/** In the text of a class: a private name that is used, or declared. */
const PRIVATE = /\.#[A-Za-z_$]|^\s*(?:static |async |get |set |\*)*#[A-Za-z_$][\w$]*\s*[=;(]/m;

const define = customElements.define.bind(customElements);
const getName = customElements.getName?.bind(customElements);

/** One name: the classes that it had, the newest last. */
class Definition {
  /** @type {Set<WeakRef<Element>>} */
  #elements = new Set();

  /** @param {string} name @param {Class} first */
  constructor(name, first) {
    this.name = name;
    this.classes = [first];
    this.observed = observedBy(first);
    /** Those that only later classes observe, which browsers say nothing of. @type {string[]} */
    this.alsoObserved = [];
    this.standIn = standInOf(this);
    this.observer = new MutationObserver((records) => records.forEach(changed));
  }

  get newest() {
    return /** @type {Class} */ (this.classes.at(-1));
  }

  /** @param {Element} element that was made */
  made(element) {
    this.#elements.add(new WeakRef(element));
    if (this.alsoObserved.length) this.#observe(element);
  }

  /** @param {string[]} names of attributes that the newest class observes */
  observe(names) {
    const more = names.filter((name) => !this.observed.includes(name) && !this.alsoObserved.includes(name));
    if (!more.length) return;
    this.alsoObserved.push(...more);
    this.elements.forEach((element) => this.#observe(element));
  }

  /** @param {Element} element */
  #observe(element) {
    const attributeFilter = this.alsoObserved;
    this.observer.observe(element, { attributes: true, attributeFilter, attributeOldValue: true });
  }

  get elements() {
    const found = [];
    for (const reference of this.#elements) {
      const element = reference.deref();
      if (element) found.push(element);
      else this.#elements.delete(reference);
    }
    return found;
  }
}

/** @param {MutationRecord} record of an attribute */
function changed({ target, attributeName, oldValue, attributeNamespace }) {
  const element = /** @type {any} */ (target);
  const value = element.getAttribute(attributeName);
  element.attributeChangedCallback?.(attributeName, oldValue, value, attributeNamespace);
}

/** @type {Map<string, Definition>} */
const definitions = new Map();
/** By each class that was ever defined. @type {WeakMap<Function, Definition>} */
const byClass = new WeakMap();
/** Those with a new class, until the update is over. @type {Set<Definition>} */
const replaced = new Set();
/** @type {Kind[]} */
const kinds = [];
let isUpdating = false;

on("hmr:beforeUpdate", () => (isUpdating = true));
on("hmr:afterUpdate", () => {
  isUpdating = false;
  const done = [...replaced];
  replaced.clear();
  for (const definition of done) renew(definition);
});

customElements.define = function (name, given, options) {
  const known = definitions.get(name);
  const cls = /** @type {Class} */ (given);
  // Elements that extend a built-in one are made by that one's constructor.
  if (options?.extends || typeof cls !== "function") return define(name, cls, options);
  if (known && isUpdating && cls !== known.newest) return replace(known, cls);
  if (known) return define(name, cls, options); // which throws, as it should
  const definition = new Definition(name, cls);
  define(name, definition.standIn, options);
  definitions.set(name, definition);
  byClass.set(cls, definition);
  byClass.set(definition.standIn, definition);
};
if (getName) {
  customElements.getName = (cls) => getName(byClass.get(cls)?.standIn ?? cls);
}

// What `new` is called with is a class that no name was given to.
window.HTMLElement = new Proxy(HTMLElement, {
  construct(target, given, newTarget) {
    const definition = byClass.get(newTarget);
    const element = Reflect.construct(target, given, definition?.standIn ?? newTarget);
    definition?.made(element);
    return element;
  },
});

/**
 * Add what certain elements need when their class is replaced.
 *
 * @param {Kind} kind
 */
export function addKind(kind) {
  kinds.push(kind);
}

/**
 * Take the update of a module that defines elements, unless importers need it.
 *
 * @param {{invalidate(reason: string): void}} hot of the old instance
 * @param {Record<string, any>} module the new one
 */
export function accepted(hot, module) {
  const others = Object.keys(module).filter((name) => !isElementClass(module[name]));
  if (others.length) hot.invalidate(`${others.join(", ")} may be in use elsewhere`);
}

/** @param {any} value */
function isElementClass(value) {
  return typeof value === "function" && byClass.has(value);
}

/** @param {Definition} definition @returns {Class} */
function standInOf(definition) {
  const StandIn = /** @type {any} */ (function (/** @type {any[]} */ ...given) {
    const element = Reflect.construct(definition.newest, given, new.target ?? StandIn);
    definition.made(element);
    return element;
  });
  // As browsers know them by the time of the definition, so they are called for ever.
  for (const name of REACTIONS) {
    StandIn.prototype[name] = function (/** @type {any[]} */ ...given) {
      return definition.newest.prototype[name]?.apply(this, given);
    };
  }
  Object.defineProperty(StandIn, "observedAttributes", { get: () => definition.observed, configurable: true });
  return pointTo(StandIn, definition.newest);
}

/** @param {Class} standIn @param {Class} cls */
function pointTo(standIn, cls) {
  Object.setPrototypeOf(standIn, cls);
  Object.setPrototypeOf(standIn.prototype, cls.prototype);
  return standIn;
}

/**
 * Elements are instances of each class that their name had.
 *
 * @this {Function}
 * @param {any} value
 */
function hasInstance(value) {
  const standIn = byClass.get(this)?.standIn;
  const isOne = standIn?.prototype.isPrototypeOf(value);
  return isOne || Function.prototype[Symbol.hasInstance].call(this, value);
}

/** @param {Class} cls */
function observedBy(cls) {
  return cls.prototype.attributeChangedCallback ? [...(cls.observedAttributes ?? [])] : [];
}

/** @param {Definition} definition @param {Class} cls */
function replace(definition, cls) {
  const { name, newest, standIn } = definition;
  const why = obstacle(definition, cls);
  if (why) return reload(`<${name}> ${why}`);
  /** @type {Map<Element, any[]>} */
  const saved = new Map();
  for (const element of heirs(definition)) {
    saved.set(element, kinds.map((kind) => kind.before?.(element, standIn)));
  }
  const pending = pendingOf.get(definition) ?? saved;
  pendingOf.set(definition, pending);
  changedFrom.set(definition, changedFrom.get(definition) ?? snapshot(newest));
  // Classes elsewhere may extend one of the old ones, or call its static methods.
  for (const old of definition.classes) {
    copy(old.prototype, cls.prototype, ["constructor"]);
    copy(old, cls, STATIC);
    Object.defineProperty(old, Symbol.hasInstance, { value: hasInstance, configurable: true });
  }
  definition.classes.push(cls);
  byClass.set(cls, definition);
  pointTo(standIn, cls);
  definition.observe(observedBy(cls));
  replaced.add(definition);
}

/** What was saved of elements. @type {WeakMap<Definition, Map<Element, any[]>>} */
const pendingOf = new WeakMap();
/** The text of what connects an element, as it was. @type {WeakMap<Definition, string>} */
const changedFrom = new WeakMap();

/** @param {Class} cls */
function snapshot(cls) {
  return `${cls.prototype.connectedCallback}`;
}

/**
 * @param {Definition} definition
 * @param {Class} cls
 * @returns {string | undefined} why elements cannot go over to a class
 */
function obstacle(definition, cls) {
  if (!!cls.formAssociated !== !!definition.classes[0].formAssociated) return "is part of forms, or no longer";
  if (definition.elements.length && PRIVATE.test(`${cls}`)) {
    return "has private members, which elements that exist cannot be given";
  }
  return undefined;
}

/**
 * @param {object} target
 * @param {object} source
 * @param {string[]} without
 */
function copy(target, source, without) {
  const [old, young] = [target, source].map(Object.getOwnPropertyDescriptors);
  for (const name of Reflect.ownKeys(old)) {
    if (!(name in young) && !without.includes(String(name))) Reflect.deleteProperty(target, name);
  }
  for (const name of Reflect.ownKeys(young)) {
    if (!without.includes(String(name))) Reflect.defineProperty(target, name, /** @type {any} */ (young)[name]);
  }
}

/** @param {Definition} definition its elements, and those of classes that extend its own */
function heirs({ classes }) {
  const all = [...definitions.values()].filter(({ newest }) =>
    classes.some((cls) => cls === newest || cls.prototype.isPrototypeOf(newest.prototype)),
  );
  return all.flatMap(({ elements }) => elements);
}

/** @param {Definition} definition whose elements are to show what the new class says */
function renew(definition) {
  const { newest, standIn } = definition;
  const isConnectedAnew = changedFrom.get(definition) !== snapshot(newest);
  changedFrom.delete(definition);
  newest.hotReplacedCallback?.();
  const saved = pendingOf.get(definition) ?? new Map();
  pendingOf.delete(definition);
  for (const element of heirs(definition)) {
    try {
      addFields(element, definition);
      show(element, standIn, saved.get(element) ?? [], isConnectedAnew);
    } catch (error) {
      console.error(`[hmr] <${element.localName}> failed with its new class`, error);
    }
  }
}

/**
 * @param {Element} element
 * @param {Class} standIn
 * @param {any[]} saved by kind
 * @param {boolean} isConnectedAnew
 */
function show(element, standIn, saved, isConnectedAnew) {
  const isShown = kinds.map((kind, index) => kind.after?.(element, standIn, saved[index])).includes(true);
  if (element.hotReplacedCallback) return element.hotReplacedCallback();
  if (isShown || !element.isConnected) return;
  if (isConnectedAnew) {
    element.disconnectedCallback?.();
    element.connectedCallback?.();
  } else element.render?.();
}

/**
 * Give an element the fields that are new in its class.
 *
 * @param {Element} element
 * @param {Definition} definition
 */
function addFields(element, definition) {
  if (element.localName !== definition.name) return;
  let fresh;
  try {
    fresh = document.createElement(definition.name);
  } catch {
    return; // A constructor that expects something.
  }
  for (const [name, field] of Object.entries(Object.getOwnPropertyDescriptors(fresh))) {
    if (!Object.hasOwn(element, name)) Object.defineProperty(element, name, field);
  }
}
