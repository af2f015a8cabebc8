// @ts-check
/**
 * Keeps custom elements alive when the class behind them is replaced.
 *
 * A name can be defined once only. So what is defined is a stand-in, which has every
 * element made by the newest class and hands every call on to it. This has to run before
 * any module of the page.
 */

import { on, reload, showProblem } from "@hmr/client";

/**
 * @typedef {CustomElementConstructor & {observedAttributes?: Iterable<string>,
 *   formAssociated?: boolean, hotReplacedCallback?: () => void}} Class
 * @typedef {HTMLElement & {hotReplacedCallback?: () => void, render?: () => void,
 *   connectedCallback?: () => void, disconnectedCallback?: () => void}} Element
 * @typedef {{before?: (element: Element, standIn: Class) => any, replacing?: (old: Class, cls: Class) => void,
 *   replaced?: (standIn: Class) => void,
 *   after?: (element: Element, standIn: Class, saved: any, spare: Element) => boolean}} Kind
 *   of elements: `before` gives what is to be saved of one, `replacing` sees both classes as they were
 *   written, `replaced` takes note of the new class, `after` tells whether an element is shown anew;
 *   `spare` is another one, as it is made now
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
/** What holds data, and nothing that belongs to one element. */
const PLAIN = [Array, Object, Map, Set, Date].map(({ prototype }) => prototype);
/** In the text of a class: a private name that is used, or declared. */
const PRIVATE = /\.#[A-Za-z_$]|^\s*(?:static |async |get |set |\*)*#[A-Za-z_$][\w$]*\s*[=;(]/m;

const define = customElements.define.bind(customElements);
const get = customElements.get.bind(customElements);
const whenDefined = customElements.whenDefined.bind(customElements);
const getName = customElements.getName?.bind(customElements);

/** One name: the classes that it had, the newest last. */
class Definition {
  /** @type {Set<WeakRef<Element>>} */
  #elements = new Set();
  /** What stands for each of them. @type {WeakMap<Element, WeakRef<Element>>} */
  #references = new WeakMap();

  /** @param {string} name @param {Class} first */
  constructor(name, first) {
    this.name = name;
    this.classes = [first];
    /** Attributes that the newest class observes. */
    this.observed = observedBy(first);
    /** Those that browsers tell of. */
    this.observedAtFirst = this.observed;
    /** Those that only later classes observe, which browsers say nothing of. @type {string[]} */
    this.alsoObserved = [];
    this.standIn = standInOf(this);
    this.observer = new MutationObserver((records) => records.forEach(changed));
  }

  get newest() {
    return /** @type {Class} */ (this.classes.at(-1));
  }

  /** @param {Element} element that was made: its class and the stand-in both say so */
  made(element) {
    if (this.#references.has(element)) return;
    const reference = new WeakRef(element);
    this.#references.set(element, reference);
    this.#elements.add(reference);
    if (this.alsoObserved.length) this.#observe(element);
  }

  /** @returns {Element | undefined} one that only shows what they are like when they are made */
  spare() {
    try {
      const spare = document.createElement(this.name);
      this.#elements.delete(/** @type {WeakRef<Element>} */ (this.#references.get(spare)));
      return spare;
    } catch {
      return undefined; // A constructor that expects something.
    }
  }

  /** @param {Definition} other @returns {boolean} whether its class extends one of those here */
  isAbove({ newest }) {
    return this.classes.some((cls) => cls === newest || cls.prototype.isPrototypeOf(newest.prototype));
  }

  /** @param {string[]} names of attributes that the newest class observes */
  observe(names) {
    this.observed = names;
    const more = names.filter((name) => ![...this.observedAtFirst, ...this.alsoObserved].includes(name));
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
/** Those with a new class, and what connected their elements. @type {Map<Definition, string>} */
const replaced = new Map();
/** What the kinds saved of elements, until the update is over. @type {Map<Element, any[]>} */
const saved = new Map();
/** @type {Kind[]} */
const kinds = [];
/** Names that the module which runs defines, now or when it ran before. @type {Set<string>} */
let own = new Set();
/** Those that it has still to define. @type {Set<string>} */
let due = new Set();
let isUpdating = false;

on("hmr:beforeUpdate", () => (isUpdating = true));
on("hmr:afterUpdate", () => {
  isUpdating = false;
  runs(); // One that threw has not said that it is over.
  const done = new Map(replaced);
  const kept = new Map(saved);
  replaced.clear();
  saved.clear();
  for (const { newest } of done.keys()) newest.hotReplacedCallback?.();
  for (const definition of definitions.values()) {
    const above = [...done.keys()].filter((one) => one.isAbove(definition));
    const isConnectedAnew = above.some((one) => done.get(one) !== connecting(one.newest));
    if (above.length) renew(definition, kept, isConnectedAnew);
  }
});

customElements.define = function (name, given, options) {
  const known = definitions.get(name);
  const cls = /** @type {Class} */ (given);
  const isTaken = !!get(name);
  if (isTaken && !isUpdating) return define(name, cls, options); // which throws, as it should
  own.add(name);
  due.delete(name);
  // Elements that extend a built-in one are made by that one's constructor.
  if (isTaken && options?.extends) return reload(`<${options.extends} is="${name}"> is left alone`);
  if (options?.extends || typeof cls !== "function") return define(name, cls, options);
  // A module that defines several classes may have been evaluated anew for one of them.
  if (known) return cls === known.newest ? undefined : replace(known, cls);
  const definition = new Definition(name, cls);
  define(name, definition.standIn, options);
  definitions.set(name, definition);
  byClass.set(cls, definition);
  byClass.set(definition.standIn, definition);
};
customElements.get = (name) => (due.has(name) ? undefined : definitions.get(name)?.newest ?? get(name));
customElements.whenDefined = async (name) => {
  await whenDefined(name);
  return /** @type {Class} */ (customElements.get(name));
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
 * Take note that a module begins to run, or that it is over.
 *
 * One that asks whether a name is free before it defines it finds it free when it runs anew, too.
 *
 * @param {{elements?: Set<string>}} [data] of the module that begins
 */
export function runs(data = {}) {
  own = data.elements ??= new Set();
  due = new Set(isUpdating ? own : []);
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
      return react(definition, this, name, given);
    };
  }
  // Elements know their class, not what stands in for it.
  Object.defineProperty(StandIn.prototype, "constructor", { get: () => definition.newest, configurable: true });
  Object.defineProperty(StandIn, "observedAttributes", { get: () => definition.observedAtFirst, configurable: true });
  return pointTo(StandIn, definition.newest);
}

/**
 * Hand a call of the browser on to the newest class.
 *
 * @param {Definition} definition
 * @param {Element} element
 * @param {string} name of the reaction
 * @param {any[]} given
 */
function react({ newest: { prototype }, observed }, element, name, given) {
  if (name === "attributeChangedCallback" && !observed.includes(given[0])) return undefined;
  if (name !== "connectedMoveCallback" || prototype[name]) return prototype[name]?.apply(element, given);
  // What browsers do themselves with a class that does not have it.
  prototype.disconnectedCallback?.call(element);
  return prototype.connectedCallback?.call(element);
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
  const classes = byClass.get(this)?.classes ?? [];
  const isOne = classes.some((cls) => cls.prototype.isPrototypeOf(value));
  return isOne || Function.prototype[Symbol.hasInstance].call(this, value);
}

/** @param {Class} cls */
function observedBy(cls) {
  return cls.prototype.attributeChangedCallback ? [...(cls.observedAttributes ?? [])] : [];
}

/** @param {Definition} definition @param {Class} cls */
function replace(definition, cls) {
  const { name, newest, standIn } = definition;
  byClass.set(cls, definition);
  const why = obstacle(definition, cls);
  if (why) return reload(`<${name}> ${why}`);
  for (const element of heirs(definition)) {
    if (!saved.has(element)) saved.set(element, kinds.map((kind) => kind.before?.(element, standIn)));
  }
  if (!replaced.has(definition)) replaced.set(definition, connecting(newest));
  kinds.forEach((kind) => kind.replacing?.(newest, cls));
  extendNewest(definition, cls);
  // Code elsewhere may have one of the old ones, and call its static methods.
  for (const old of definition.classes) {
    copy(old.prototype, cls.prototype, ["constructor"]);
    copy(old, cls, STATIC);
  }
  definition.classes.push(cls);
  for (const one of definition.classes) {
    Object.defineProperty(one, Symbol.hasInstance, { value: hasInstance, configurable: true });
  }
  pointTo(standIn, cls);
}

/**
 * Have classes of elements that extend an old class extend the new one.
 *
 * @param {Definition} definition
 * @param {Class} cls
 */
function extendNewest({ classes }, cls) {
  for (const { newest } of definitions.values()) {
    for (const one of chainOf(newest)) {
      if (classes.includes(Object.getPrototypeOf(one))) pointTo(one, cls);
    }
  }
}

/** @param {Class} cls @returns {Class[]} it and what it extends */
function chainOf(cls) {
  const chain = [];
  for (let one = cls; typeof one === "function"; one = Object.getPrototypeOf(one)) chain.push(one);
  return chain;
}

/** @param {Class} cls @returns {string} the text of what connects an element */
function connecting(cls) {
  return `${cls.prototype.connectedCallback}`;
}

/**
 * @param {Definition} definition
 * @param {Class} cls
 * @returns {string | undefined} why elements cannot go over to a class
 */
function obstacle(definition, cls) {
  if (!!cls.formAssociated !== !!definition.classes[0].formAssociated) return "is part of forms, or no longer";
  const known = chainOf(definition.newest);
  const hasPrivate = chainOf(cls).some((one) => !known.includes(one) && PRIVATE.test(`${one}`));
  if (hasPrivate && heirs(definition).length) {
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

/** @param {Definition} definition @returns {Element[]} its elements, and those of classes that extend its own */
function heirs(definition) {
  return [...definitions.values()].filter((one) => definition.isAbove(one)).flatMap(({ elements }) => elements);
}

/**
 * Have elements show what their class, or one that it extends, says now.
 *
 * @param {Definition} definition
 * @param {Map<Element, any[]>} kept what the kinds saved of elements
 * @param {boolean} isConnectedAnew
 */
function renew(definition, kept, isConnectedAnew) {
  kinds.forEach((kind) => kind.replaced?.(definition.standIn));
  definition.observe(observedBy(definition.newest));
  const { elements, standIn } = definition;
  // Constructors may do what cannot be undone, such as listening to the window.
  const spare = elements.length ? definition.spare() : undefined;
  for (const element of elements) {
    try {
      if (spare) addFields(element, spare);
      const isShown = kinds.map((kind, index) => {
        return kind.after?.(element, standIn, kept.get(element)?.[index], spare ?? element);
      });
      show(element, isShown.includes(true), isConnectedAnew);
    } catch (error) {
      failed(element, error);
    }
  }
}

/**
 * @param {Element} element
 * @param {boolean} isShown already, by what is special about its kind
 * @param {boolean} isConnectedAnew
 */
function show(element, isShown, isConnectedAnew) {
  if (element.hotReplacedCallback) return element.hotReplacedCallback();
  if (!element.isConnected) return;
  if (isConnectedAnew) {
    element.disconnectedCallback?.();
    connect(element);
  } else if (!isShown) element.render?.();
}

/**
 * Connect an element that may attach its shadow root again: it gets that back, empty.
 *
 * @param {Element} element
 */
function connect(element) {
  const root = element.shadowRoot;
  if (root) element.attachShadow = () => emptied(root);
  try {
    element.connectedCallback?.();
  } finally {
    if (root) Reflect.deleteProperty(element, "attachShadow");
  }
}

/** @param {ShadowRoot} root */
function emptied(root) {
  root.replaceChildren();
  root.adoptedStyleSheets = [];
  return root;
}

/**
 * Give an element the fields that are new in its class.
 *
 * @param {Element} element
 * @param {Element} spare
 */
function addFields(element, spare) {
  for (const [name, field] of Object.entries(Object.getOwnPropertyDescriptors(spare))) {
    if (Object.hasOwn(element, name)) continue;
    const value = field.get ?? field.set ?? field.value;
    if (!canCopy(element, name, value)) continue;
    Object.defineProperty(element, name, { ...field, value: structuredClone(value) });
  }
}

/**
 * Tell whether an element can be given a copy of what another one has in a field. What is more
 * than data may belong to that one: then the page reloads.
 *
 * @param {Element} element
 * @param {PropertyKey} name
 * @param {any} value
 */
export function canCopy({ localName }, name, value) {
  const isCopied = isData(value);
  if (!isCopied) reload(`<${localName}> has a new field ${String(name)}, which is more than data`);
  return isCopied;
}

/** @param {any} value @returns {boolean} */
function isData(value) {
  if (["function", "symbol"].includes(typeof value)) return false;
  if (Object(value) !== value) return true;
  if (!PLAIN.includes(Object.getPrototypeOf(value))) return false;
  const parts = Symbol.iterator in value ? [...value] : Object.values(value);
  return parts.every(isData);
}

/**
 * Say that an element could not be shown anew.
 *
 * @param {Element} element
 * @param {any} error
 */
export function failed({ localName }, error) {
  console.error(`[hmr] <${localName}> failed with its new class`, error);
  showProblem(`<${localName}>`, {
    title: `<${localName}> failed with its new class`,
    message: `${error?.message ?? error}`,
    stack: error?.stack,
  });
}
