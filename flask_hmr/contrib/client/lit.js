// @ts-check
/** What Lit's elements need when their class is replaced. */

import { addKind, failed } from "@hmr/custom-elements.js";

/** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Field */

const FIELDS = "input, textarea, select";
const BUILT_IN = ["length", "name", "prototype"];

/** @param {any} standIn whether it is a class of Lit's */
const isLit = (standIn) => typeof standIn.finalize === "function" && !!standIn.elementProperties;

addKind({
  // Each class keeps the values of its reactive properties in a place of its own.
  before(element, standIn) {
    if (!isLit(standIn)) return undefined;
    const lit = /** @type {any} */ (element);
    const names = [...lit.constructor.elementProperties.keys()];
    return { values: new Map(names.map((name) => [name, lit[name]])), fields: typedIn(lit.renderRoot) };
  },
  replaced(standIn) {
    if (isLit(standIn)) finalize(standIn);
  },
  after(element, standIn, saved, spare) {
    if (!isLit(standIn)) return false;
    const lit = /** @type {any} */ (element);
    const cls = lit.constructor;
    for (const name of cls.elementProperties.keys()) {
      // What is new has the value that the constructor gives it.
      lit[name] = saved?.values.has(name) ? saved.values.get(name) : /** @type {any} */ (spare)[name];
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
  for (const cls of chain) takeStock(cls, kept);
}

/** @param {any} cls whether it is a class that comes with Lit */
function isLitsOwn(cls) {
  return Object.hasOwn(cls, "finalize") || Object.hasOwn(cls, "_$litElement$");
}

/** @param {any} cls @param {(string | symbol)[]} kept what Lit keeps in it */
function takeStock(cls, kept) {
  if (!Object.hasOwn(cls, "finalized")) return cls.finalize();
  const known = cls.elementProperties;
  for (const name of kept) delete cls[name];
  const own = Object.getOwnPropertyDescriptor(cls, "createProperty");
  // Its own properties have their accessors already.
  const value = (/** @type {PropertyKey} */ name, /** @type {object} */ options) => {
    cls.elementProperties.set(name, known.get(name) ?? options);
  };
  Object.defineProperty(cls, "createProperty", { value, configurable: true });
  try {
    cls.finalize();
  } finally {
    delete cls.createProperty;
    if (own) Object.defineProperty(cls, "createProperty", own);
  }
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
