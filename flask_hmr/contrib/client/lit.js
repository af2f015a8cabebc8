// @ts-check
/** What Lit's elements need when their class is replaced. */

import { addKind, canCopy, failed } from "@hmr/custom-elements.js";

/** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Field */

const FIELDS = "input, textarea, select";
const BUILT_IN = ["length", "name", "prototype"];

/** @param {any} standIn whether it is a class of Lit's */
const isLit = (standIn) => typeof standIn.finalize === "function" && !!standIn.elementProperties;

/** By class: its styles, by those of the class that it replaced. @type {WeakMap<object, Map<any, any>>} */
const successors = new WeakMap();

addKind({
  // Each class keeps the values of its reactive properties in a place of its own.
  before(element, standIn) {
    if (!isLit(standIn)) return undefined;
    const lit = /** @type {any} */ (element);
    const names = [...lit.constructor.elementProperties.keys()];
    return { values: new Map(names.map((name) => [name, lit[name]])), fields: typedIn(lit.renderRoot) };
  },
  // Classes that extend it may name its styles among their own.
  replacing(old, cls) {
    const [before, now] = [old, cls].map((one) => /** @type {any} */ (one).styles ?? []);
    successors.set(cls, succession(before, now));
  },
  replaced(standIn) {
    if (isLit(standIn)) finalize(standIn);
  },
  after(element, standIn, saved, spare) {
    if (!isLit(standIn)) return false;
    const lit = /** @type {any} */ (element);
    const cls = lit.constructor;
    for (const name of cls.elementProperties.keys()) {
      const value = /** @type {any} */ (spare)[name];
      if (saved?.values.has(name)) lit[name] = saved.values.get(name);
      // What is new has the value that the constructor gives it.
      else if (canCopy(element, name, value)) lit[name] = structuredClone(value);
    }
    if (lit.renderRoot instanceof ShadowRoot) {
      const sheets = cls.elementStyles.map((/** @type {any} */ one) => one.styleSheet ?? one);
      lit.renderRoot.adoptedStyleSheets = sheets;
    }
    lit.requestUpdate();
    // To Lit the template of a new module is another template: all in it is made anew.
    lit.updateComplete.then(
      () => typeAgain(lit.renderRoot, saved?.fields ?? []),
      (/** @type {any} */ error) => failed(element, error),
    );
    return true;
  },
});

/**
 * Have a class and those that it extends take stock of properties and styles again.
 *
 * @param {any} standIn
 */
function finalize(standIn) {
  const chain = [];
  for (let cls = standIn; !isLitsOwn(cls); cls = Object.getPrototypeOf(cls)) chain.unshift(cls);
  const [base] = chain;
  // What Lit keeps in a class has other names in each of its builds.
  const probe = class extends Object.getPrototypeOf(base) {};
  probe.finalize();
  const kept = Reflect.ownKeys(probe).filter((name) => !BUILT_IN.includes(String(name)));
  const newer = new Map();
  for (const cls of chain) {
    takeStock(cls, kept, newer);
    for (const [old, styles] of successors.get(cls) ?? []) newer.set(old, styles);
  }
}

/** @param {any} cls whether it is a class that comes with Lit */
function isLitsOwn(cls) {
  return Object.hasOwn(cls, "finalize") || Object.hasOwn(cls, "_$litElement$");
}

/**
 * @param {any} cls
 * @param {(string | symbol)[]} kept what Lit keeps in it
 * @param {Map<any, any>} newer styles of classes that it extends, by the old ones
 */
function takeStock(cls, kept, newer) {
  if (!Object.hasOwn(cls, "finalized")) return cls.finalize();
  const known = cls.elementProperties;
  for (const name of kept) delete cls[name];
  const styles = Object.getOwnPropertyDescriptor(cls, "styles");
  if (styles?.value) cls.styles = renewed(styles.value, newer);
  // Lit warns of those who replace this in a class of their own.
  const lits = makerOfProperties(cls);
  const { createProperty } = lits;
  // Its own properties have their accessors already.
  lits.createProperty = (/** @type {PropertyKey} */ name, /** @type {object} */ options) => {
    cls.elementProperties.set(name, known.get(name) ?? options);
  };
  try {
    cls.finalize();
  } finally {
    lits.createProperty = createProperty;
  }
}

/** @param {any} cls @returns {any} the class of Lit's that it makes its properties by */
function makerOfProperties(cls) {
  let lits = cls;
  while (!isLitsOwn(lits) || !Object.hasOwn(lits, "createProperty")) lits = Object.getPrototypeOf(lits);
  return lits;
}

/**
 * @param {any} old styles of a class
 * @param {any} styles of the one that replaced it
 * @returns {Map<any, any>} what stands for the old ones, as a whole and one by one
 */
function succession(old, styles) {
  const [before, now] = [old, styles].map((one) => [one].flat(Infinity));
  const gone = before.filter((one) => !now.includes(one));
  const fresh = now.filter((one) => !before.includes(one));
  const isLast = (/** @type {number} */ index) => index === gone.length - 1;
  const newer = new Map([[old, styles]]);
  gone.forEach((one, index) => newer.set(one, fresh.slice(index, isLast(index) ? undefined : index + 1)));
  return newer;
}

/** @param {any} styles of a class @param {Map<any, any>} newer @returns {any} with newer ones where there are any */
function renewed(styles, newer) {
  if (newer.has(styles)) return newer.get(styles);
  return Array.isArray(styles) ? styles.map((one) => renewed(one, newer)) : styles;
}

/** @param {ParentNode | undefined} root @returns {Field[]} */
function fieldsIn(root) {
  return [...(root?.querySelectorAll(FIELDS) ?? [])].map((field) => /** @type {Field} */ (field));
}

/** @param {ParentNode | undefined} root what people typed and chose in it, field by field */
function typedIn(root) {
  return fieldsIn(root).map((field) => ({
    kind: `${field.localName} ${field.type} ${field.name}`,
    value: field.value,
    checked: "checked" in field && field.checked,
  }));
}

/**
 * @param {ParentNode | undefined} root
 * @param {ReturnType<typeof typedIn>} saved
 */
function typeAgain(root, saved) {
  for (const [index, field] of fieldsIn(root).entries()) {
    const before = saved[index];
    if (before?.kind !== `${field.localName} ${field.type} ${field.name}`) continue;
    if (field.type !== "file") field.value = before.value;
    if ("checked" in field) field.checked = before.checked;
  }
}
