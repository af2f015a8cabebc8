// @ts-check
/** What Lit's elements need when their class is replaced. */

import { addKind } from "@hmr/custom-elements.js";

/** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Field */

const FIELDS = "input, textarea, select";
const BUILT_IN = ["length", "name", "prototype", "observedAttributes"];

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
  after(element, standIn, saved) {
    if (!isLit(standIn)) return false;
    const lit = /** @type {any} */ (element);
    const cls = lit.constructor;
    finalize(cls);
    const fresh = /** @type {any} */ (document.createElement(lit.localName));
    for (const name of cls.elementProperties.keys()) {
      // What is new has the value that the constructor gives it.
      lit[name] = saved?.values.get(name) ?? fresh[name];
    }
    if (lit.renderRoot instanceof ShadowRoot) {
      const sheets = cls.elementStyles.map((/** @type {any} */ one) => one.styleSheet ?? one);
      lit.renderRoot.adoptedStyleSheets = sheets;
    }
    lit.requestUpdate();
    // To Lit the template of a new module is another template: all in it is made anew.
    lit.updateComplete.then(() => typeAgain(lit.renderRoot, saved?.fields ?? []));
    return true;
  },
});

/**
 * Have a class that stands in for another take stock of properties and styles again.
 *
 * @param {any} cls
 */
function finalize(cls) {
  const isDone = Object.hasOwn(cls, "finalized");
  for (const name of isDone ? Reflect.ownKeys(cls) : []) {
    if (!BUILT_IN.includes(String(name))) delete cls[name];
  }
  cls.finalize();
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
