// @ts-check
/**
 * Keeps the state of Alpine's components when their code or their markup is edited.
 *
 * What `Alpine.data` registers anew goes into the objects that are there: methods and
 * getters are exchanged, values stay. Alpine itself sees to attributes and new elements.
 */

import { morph, on, own } from "@hmr/client";

/**
 * @typedef {HTMLElement & {_x_dataStack?: any[], _x_lookup?: any, _x_currentIfEl?: Element}} Root
 * @typedef {(...given: any[]) => any} Factory
 */

const ROOT = "[x-data], [data-x-data]";
/** What has its content from Alpine alone. */
const FILLED = "[x-text], [x-html], [data-x-text], [data-x-html]";

/** What was registered. @type {Map<string, Factory>} */
const factories = new Map();
/** What the last registrations of an update took the place of. @type {Map<string, Factory>} */
const before = new Map();
/** What was registered for the first time in an update. @type {Set<string>} */
const fresh = new Set();
/** What stores were registered with. @type {Map<string, any>} */
const initial = new Map();
/** @type {any} */
let alpine;
let isUpdating = false;

/** What a classic script may have put there already. */
const earlier = /** @type {any} */ (window).Alpine;
Object.defineProperty(window, "Alpine", {
  configurable: true,
  enumerable: true,
  get: () => alpine,
  set(given) {
    if (given && given !== alpine) follow(given);
    alpine = given;
  },
});
/** @type {any} */ (window).Alpine = earlier;

/** @param {any} given Alpine, before it starts */
function follow(given) {
  const { data, store } = given;
  given.data = (/** @type {string} */ name, /** @type {Factory} */ factory) => {
    const old = factories.get(name);
    if (isUpdating && !old) fresh.add(name);
    if (isUpdating && old && !before.has(name)) before.set(name, old);
    factories.set(name, factory);
    return data(name, factory);
  };
  given.store = (/** @type {string} */ name, /** @type {any[]} */ ...rest) => {
    if (!rest.length) return store(name);
    const [value] = rest;
    // By now it is the page that sets it, and not the module that registers it.
    if (initial.has(name) && !isUpdating) return store(name, value);
    const current = initial.has(name) ? store(name) : undefined;
    const old = initial.get(name);
    initial.set(name, isPlain(value) ? copyOf(value) : value);
    if (current === undefined) return store(name, value);
    if (isPlain(current) && isPlain(value)) return merge(current, value, old);
    // A single value that was changed since stays.
    if (current === old) store(name, value);
  };
}

on("hmr:beforeUpdate", () => (isUpdating = true));
on("hmr:afterUpdate", () => {
  isUpdating = false;
  const [known, late] = [new Map(before), [...fresh]];
  before.clear();
  fresh.clear();
  if (known.size) for (const root of rootsOf()) renew(root, known);
  // The template that names them may have been refreshed first.
  for (const root of late.length ? rootsOf() : []) {
    if (names(root, late)) begin(root, missed.get(root) ?? stateOf(root, expressionOf(root)));
  }
});

// Alpine says once only that it starts.
const listen = document.addEventListener;
document.addEventListener = function (/** @type {string} */ type, /** @type {any} */ listener, /** @type {any} */ options) {
  if (type !== "alpine:init" || !isUpdating || !alpine) return listen.call(this, type, listener, options);
  const event = new CustomEvent(type);
  if (typeof listener === "function") listener.call(this, event);
  else listener?.handleEvent(event);
};

/**
 * Take the update of a module that registers components or stores.
 *
 * @param {{invalidate: (reason: string) => void}} hot of the old instance
 * @param {Record<string, any>} module the new one
 */
export function accepted(hot, module) {
  if (!alpine) return hot.invalidate("there is no window.Alpine");
  const names = Object.keys(module);
  if (names.length) hot.invalidate(`${names.join(", ")} may be in use elsewhere`);
}

/** @returns {Root[]} elements with data, the outer ones first */
function rootsOf() {
  return [...document.querySelectorAll(ROOT)].map((one) => /** @type {Root} */ (one));
}

/** @param {Root} root */
function expressionOf(root) {
  return root.getAttribute("x-data") ?? root.getAttribute("data-x-data") ?? "";
}

/** @param {Root} root @param {Iterable<string>} components whether it names one of them */
function names(root, components) {
  const words = expressionOf(root).match(/[\w$-]+/g);
  return [...components].some((name) => words?.includes(name));
}

/**
 * @param {Root} root
 * @param {Map<string, Factory>} known components to what made them so far
 */
function renew(root, known) {
  const expression = expressionOf(root);
  const data = root._x_dataStack?.[0];
  if (!data || !names(root, known.keys())) return;
  try {
    const old = made(root, expression, new Map([...factories, ...known]));
    merge(data, made(root, expression, factories), old);
  } catch (error) {
    console.error(`[hmr] x-data="${expression}" failed`, error);
  }
}

/**
 * @param {Root} root
 * @param {string} expression
 * @param {Map<string, Factory>} known
 * @returns {any} the data that a new component would have
 */
function made(root, expression, known) {
  const magic = new Proxy({}, {
    get: (_, key) => (`${String(key)}`.startsWith("$") ? alpine.evaluate(root, String(key)) : undefined),
  });
  const scope = Object.fromEntries([...known].map(([name, factory]) => [name, factory.bind(magic)]));
  const stack = root._x_dataStack;
  // What is around it, such as the variable of an `x-for`.
  root._x_dataStack = stack?.slice(1);
  try {
    return alpine.evaluate(root, expression || "{}", { scope }) ?? {};
  } finally {
    root._x_dataStack = stack;
  }
}

/**
 * Bring an object in line with what it would be if it were made now; state stays.
 *
 * @param {any} live as Alpine watches it
 * @param {any} next
 * @param {any} [old] what it was made from, if known
 */
function merge(live, next, old = {}) {
  const raw = alpine.raw(live);
  const [given, was] = [next, old].map(Object.getOwnPropertyDescriptors);
  for (const [name, { value, get }] of Object.entries(was)) {
    // Without it, who uses it is told.
    if (!(name in given) && (get || typeof value === "function" || same(raw[name], value))) delete live[name];
  }
  for (const [name, field] of Object.entries(given)) {
    if (field.get || field.set) {
      delete live[name];
      Object.defineProperty(raw, name, field);
    } else if (typeof field.value === "function" || !(name in raw)) live[name] = field.value;
    // Nobody has changed it since, but in the code it is another now.
    else if (name in was && !same(was[name].value, field.value) && same(raw[name], was[name].value)) {
      live[name] = field.value;
    }
  }
}

/** @param {any} one @param {any} other whether two values say the same */
function same(one, other) {
  if (one === other) return true;
  try {
    return typeof one === typeof other && JSON.stringify(one) === JSON.stringify(other);
  } catch {
    return false;
  }
}

/** @param {any} value */
function isPlain(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @param {any} value an object, of which the state is copied: the store itself changes */
function copyOf(value) {
  const fields = Object.getOwnPropertyDescriptors(value);
  for (const field of Object.values(fields)) if (typeof field.value === "object") field.value = stateIn(field.value);
  return Object.create(null, fields);
}

/** @param {any} value @returns {any} nothing where it cannot be told: it counts as changed then, and stays */
function stateIn(value) {
  try {
    return JSON.parse(JSON.stringify(value));
  } catch {
    return undefined;
  }
}

// Markup.

/** @type {Map<Root, string>} */
let expressions = new Map();
/** Those that Alpine has made something of, with what was in them. @type {Map<Element, Element | undefined>} */
let templates = new Map();

on("hmr:beforeRefresh", () => {
  expressions = new Map(rootsOf().map((root) => [root, expressionOf(root)]));
  const used = [...document.querySelectorAll("template")].filter((one) => clonesOf(one).length);
  templates = new Map(used.map((one) => [one, contentOf(one)]));
  for (const element of document.querySelectorAll(FILLED)) own(element, owner);
});

const owner = { changed: contentChanged };

/**
 * @param {Element} element that Alpine has filled so far
 * @param {Element} next
 */
function contentChanged(element, next) {
  if (next.matches(FILLED)) return;
  own(element, null);
  element.replaceChildren(...[...next.childNodes].map((one) => document.importNode(one, true)));
}

on("hmr:afterRefresh", ({ changed }) => {
  const inClones = [...templates.keys()].flatMap(render);
  const roots = [...changed, ...inClones]
    .map((one) => /** @type {Root} */ (one))
    .filter((root) => expressions.has(root) && expressions.get(root) !== expressionOf(root));
  const states = new Map(roots.map((root) => [root, stateOf(root, expressions.get(root) ?? "")]));
  // Alpine has heard of all changes by the time of this.
  if (alpine && states.size) setTimeout(() => states.forEach((state, root) => begin(root, state)));
});

/**
 * Bring what was made of a template in line with it, and then what was made of those inside.
 *
 * @param {Element} template
 * @returns {Element[]} the elements of which an attribute was changed
 */
function render(template) {
  const base = templates.get(template);
  const next = base && contentOf(template);
  // `isEqualNode` would not look into templates.
  if (!next || base.outerHTML === next.outerHTML) return [];
  templates.set(template, next);
  // No element can become one of another kind.
  if (base.localName !== next.localName) {
    alpine.destroyTree(template);
    alpine.initTree(template);
    return [];
  }
  return clonesOf(template).flatMap((clone) => {
    const { changed } = morph(clone, next, base);
    return [...changed, ...[clone, ...clone.querySelectorAll("template")].flatMap(render)];
  });
}

/** @param {Element} template @returns {Element | undefined} a copy of what Alpine makes elements of */
function contentOf(template) {
  const { content } = /** @type {HTMLTemplateElement} */ (template);
  return /** @type {Element | undefined} */ (content?.firstElementChild?.cloneNode(true));
}

/** @param {any} template @returns {Element[]} what Alpine has made of it, wherever that is */
function clonesOf({ _x_lookup: items, _x_currentIfEl: shown, _x_teleport: moved }) {
  const all = items instanceof Map ? [...items.values()] : Object.values(items ?? {});
  return [...all, shown, moved].filter((one) => one);
}

/**
 * @param {Root} root
 * @param {string} expression that it was made with
 * @returns {Map<Root, any>} what has changed in it since, and in those inside
 */
function stateOf(root, expression) {
  const inner = [...root.querySelectorAll(ROOT)].map((one) => /** @type {Root} */ (one));
  return new Map([root, ...inner].map((one) => [one, changedIn(one, one === root ? expression : expressionOf(one))]));
}

/** @param {Root} root @param {string} expression */
function changedIn(root, expression) {
  const raw = alpine.raw(root._x_dataStack?.[0] ?? {});
  let old = {};
  try {
    old = made(root, expression, factories);
  } catch {
    // It had a mistake: all that there is came later.
  }
  const was = Object.getOwnPropertyDescriptors(old);
  const fields = Object.entries(Object.getOwnPropertyDescriptors(raw));
  const state = fields.filter(([name, { value, get }]) => !get && typeof value !== "function" && !same(value, was[name]?.value));
  return Object.fromEntries(state.map(([name, { value }]) => [name, value]));
}

/** States that a component could not be given, because it could not be made. @type {WeakMap<Root, Map<Root, any>>} */
const missed = new WeakMap();

/**
 * Have Alpine make a component from its new expression, with the state of the old one.
 *
 * @param {Root} root
 * @param {Map<Root, any>} states
 */
function begin(root, states) {
  if (!root.isConnected) return;
  alpine.destroyTree(root);
  alpine.initTree(root);
  missed.delete(root);
  for (const [one, state] of states) {
    const data = one._x_dataStack?.[0];
    for (const [name, value] of Object.entries(state)) {
      if (data && name in data) data[name] = value;
      else missed.set(root, states);
    }
  }
}
