// @ts-check
/** Has Vue render components anew, or make them anew, when their modules are edited. */

// @ts-expect-error: the page's import map says where it is.
import * as vue from "vue";
import { clearProblem, on, own, showProblem } from "@hmr/client";

/**
 * @typedef {Record<string, any>} Options of a component
 * @typedef {[label: string, script: string, value: any]} Given what may be a component
 * @typedef {object} Known
 * @property {string} script stands for its text without its template
 * @property {string | undefined} template
 * @property {Options[]} all an object for each instance of the module; importers may have any of them
 */

/** @type {{createRecord: Function, rerender: Function, reload: Function} | undefined} */
const runtime = /** @type {any} */ (window).__VUE_HMR_RUNTIME__;
const MAKERS = ["template", "render", "setup", "extends"];

if (!runtime) {
  console.warn('[hmr] "vue" is a production build, which cannot take updates: name vue.esm-browser.js instead.');
}

/**
 * What is known, with Vue itself: of this module there may be several instances, for it has
 * a new version when the one of Vue becomes known.
 *
 * @typedef {object} State
 * @property {Map<string, Known>} components by module and name
 * @property {Map<string, string>} rests by module: what stands for its text besides components
 * @property {Map<string, () => void>} due what is to be done when the update is over, by component
 * @property {Set<string>} told modules of which the console was told
 */
const STATE = Symbol.for("flask-hmr");
/** @type {any} */
const keeper = runtime ?? {};
/** @type {State} */
const { components, rests, due, told } = (keeper[STATE] ??= {
  components: new Map(),
  rests: new Map(),
  due: new Map(),
  told: new Set(),
});

/** @param {any} value whether it is the options of a component */
function isComponent(value) {
  return !!value && typeof value === "object" && MAKERS.some((name) => name in value);
}

/**
 * Take in a module that was evaluated, for the first time or again.
 *
 * @param {string} url
 * @param {string} rest stands for its text besides what may be components
 * @param {Given[]} given
 * @param {Record<string, any> | null} exported by name; nothing if not all of it is known
 * @returns {boolean} whether it takes its updates
 */
export function update(url, rest, given, exported) {
  if (!runtime) return false;
  const found = given.filter(([, , value]) => isComponent(value));
  const others = given.filter(([, , value]) => !isComponent(value));
  const before = rests.get(url);
  const now = [rest, ...others.map(([, script]) => script)].join(" ");
  rests.set(url, now);
  const changes = found.map(([label, script, value]) => change(`${url} ${label}`, script, value));
  // All is as it was: something that it imports was edited.
  const isBelow = before === now && changes.every(({ kind }) => kind === "none");
  for (const { id, kind, value } of changes) {
    if (kind === "first") first(id, value);
    else if (before !== now || isBelow || kind === "script") due.set(id, () => remake(id, value));
    else if (kind === "template") due.set(id, () => rerender(id, value));
  }
  if (!found.length) return false;
  if (exported && areComponents(exported)) return true;
  tell(url, exported);
  return false;
}

/**
 * Take the update of a module, if that exports nothing but components, too.
 *
 * @param {{invalidate(reason: string): void}} hot of the old instance
 * @param {Record<string, any>} module the new one
 */
export function accepted(hot, module) {
  if (!areComponents(module)) hot.invalidate("it exports more than components now");
}

/** @param {Record<string, any>} exported */
function areComponents(exported) {
  return Object.values(exported).every(isComponent);
}

/** @param {string} url @param {Record<string, any> | null} exported */
function tell(url, exported) {
  if (told.has(url)) return;
  told.add(url);
  const names = Object.keys(exported ?? {}).filter((name) => !isComponent(exported?.[name]));
  const what = names.length ? names.join(", ") : "what other modules do";
  console.info(`[hmr] ${url} exports ${what} besides components, so those who import it take its updates.`);
}

/**
 * Compare a component with the one before, and be the newest one from now on.
 *
 * @param {string} id
 * @param {string} script
 * @param {Options} value
 * @returns {{id: string, value: Options, kind: "first" | "none" | "template" | "script"}}
 */
function change(id, script, value) {
  const known = components.get(id);
  const { template } = value;
  components.set(id, { script, template, all: [...(known?.all ?? []), value] });
  if (Object.isExtensible(value)) value.__hmrId ??= id;
  if (!known) return { id, value, kind: "first" };
  if (known.script !== script) return { id, value, kind: "script" };
  if (known.template === template) return { id, value, kind: "none" };
  const areTexts = typeof template === "string" && typeof known.template === "string";
  // With a function of its own to render, the template means nothing.
  return { id, value, kind: areTexts && !value.render ? "template" : "script" };
}

/** @param {string} id @param {Options} value */
function first(id, value) {
  runtime?.createRecord(id, value);
  check(id, value);
}

/** @param {string} id @param {Options} value whose template alone is new */
function rerender(id, value) {
  if (!check(id, value)) return;
  for (const one of components.get(id)?.all ?? []) {
    one.template = value.template;
    delete one.render; // It was made of the template.
  }
  runtime?.rerender(id, renderOf(value));
  remakeHeirs(id, ({ template }) => !template);
}

/** @param {Options} value @returns {Function} what renders its template */
function renderOf(value) {
  /** @type {Function | undefined} */
  let compiled;
  const render = (/** @type {any} */ proxy, /** @type {any[]} */ ...more) => {
    compiled ??= vue.compile(value.template, optionsOf(value, proxy.$.appContext.config));
    return /** @type {Function} */ (compiled)(proxy, ...more);
  };
  return Object.assign(render, { _rc: true });
}

/** @param {string} id @param {Options} value which is to be made anew where it is */
function remake(id, value) {
  if (!check(id, value)) return;
  const all = components.get(id)?.all ?? [];
  for (const one of all.filter((other) => other !== value)) {
    for (const name of Object.keys(one)) if (!(name in value)) delete one[name];
    Object.assign(one, value);
  }
  // Of components without an instance Vue does not know that they have changed.
  for (const { _context: context } of apps()) {
    for (const one of all) {
      for (const cache of ["propsCache", "emitsCache", "optionsCache"]) context?.[cache]?.delete(one);
    }
  }
  runtime?.reload(id, value);
  remakeHeirs(id, () => true);
}

/**
 * Make those anew that extend a component: what they have of it they took when they were made.
 *
 * @param {string} id
 * @param {(heir: Options) => boolean} has whether one has something of what is new
 */
function remakeHeirs(id, has) {
  const all = components.get(id)?.all ?? [];
  for (const [heirId, { all: heirs }] of components) {
    const heir = /** @type {Options} */ (heirs.at(-1));
    if (![heir.extends, ...(heir.mixins ?? [])].some((one) => all.includes(one)) || !has(heir)) continue;
    if (heir.render?._rc) delete heir.render; // It was made of a template.
    remake(heirId, heir);
  }
}

/**
 * Say in the overlay what is wrong with a template.
 *
 * @param {string} id
 * @param {Options} value
 * @param {Options} [config] of the app
 * @returns {boolean} whether it can be shown
 */
function check(id, value, config = apps()[0]?.config ?? {}) {
  const { template } = value;
  /** @type {any[]} */
  const errors = [];
  if (typeof template === "string" && !value.render) {
    try {
      const onError = (/** @type {any} */ one) => errors.push(one);
      vue.compile(template, { ...optionsOf(value, config), onError, onWarn() {} });
    } catch (error) {
      errors.push(...(errors.length ? [] : [error]));
    }
  }
  if (!errors.length) {
    clearProblem(id);
    return true;
  }
  const [{ message, loc }] = errors;
  const lines = (template[0] === "#" ? "" : template).split("\n");
  const line = loc?.start.line;
  showProblem(id, {
    title: `The template of ${id} cannot be compiled`,
    message: line ? `${message} (line ${line} of the template: ${lines[line - 1]?.trim()})` : `${message}`,
    hint: "The component stays as it is until the template is mended.",
  });
  return false;
}

/** @param {Options} value @param {Options} config of the app @returns {Options} for the compiler */
function optionsOf({ delimiters, compilerOptions }, config) {
  return { isCustomElement: config.isCustomElement, delimiters, ...config.compilerOptions, ...compilerOptions };
}

/** @returns {Element[]} those in which an app is mounted */
function mounts() {
  return [...document.querySelectorAll("*")].filter((element) => appIn(element));
}

/** @param {Element} element @returns {any} the app that is mounted in it */
function appIn(element) {
  return /** @type {any} */ (element).__vue_app__;
}

/** @returns {any[]} the apps that are mounted in the page */
function apps() {
  return mounts().map(appIn);
}

const owner = { changed: markupChanged };

on("hmr:beforeRefresh", () => {
  for (const element of mounts()) own(element, owner);
});

/** Elements whose markup an app took for its template. @type {WeakSet<Element>} */
const templates = new WeakSet();

/**
 * An app without a template of its own has taken what was in its element for one.
 *
 * @param {Element} element in which an app is mounted
 * @param {Element} next
 * @param {Element} base
 */
function markupChanged(element, next, base) {
  const app = appIn(element);
  const root = app._component;
  if (typeof root.template === "string" && plain(root.template) === plain(base.innerHTML)) templates.add(element);
  if (!templates.has(element)) return;
  const id = `the root in <${element.localName}${element.id && ` id="${element.id}"`}>`;
  const { innerHTML: template } = next;
  if (!check(id, { ...root, template, render: undefined }, app.config)) return;
  root.template = template;
  root.render = renderOf(root);
  due.set(id, () => {
    const { _instance: instance } = app;
    asUpdate(() => {
      instance.render = root.render;
      instance.renderCache = [];
      instance.update();
    });
  });
}

/** @param {string} markup @returns {string} the same whatever versions are in it */
function plain(markup) {
  return markup.replace(/[?&](?:amp;)?m=\w{16}/g, "").trim();
}

const STAGE = "flask-hmr";

/**
 * Render while Vue compares all that there is, as it does for components that it knows.
 *
 * Components that were there before they were given an id it does not know.
 *
 * @param {() => void} render
 */
function asUpdate(render) {
  const stage = { __hmrId: STAGE, render: () => null };
  if (runtime?.createRecord(STAGE, stage)) vue.createApp(stage).mount(document.createElement("div"));
  runtime?.rerender(STAGE, () => {
    render();
    return null;
  });
}

on("hmr:afterRefresh", act);
on("hmr:afterUpdate", act);

async function act() {
  if (!due.size) return;
  const waiting = [...due.values()];
  due.clear();
  clearProblem("vue");
  /** @type {any[]} */
  const errors = [];
  // A component that throws while Vue puts it in would leave half a tree, which nothing mends.
  const handlers = apps().map(({ config }) => {
    const { errorHandler } = config;
    config.errorHandler = (/** @type {any} */ error, /** @type {any[]} */ ...more) => {
      console.error("[hmr] a component failed after it was edited", error);
      errors.push(error);
      errorHandler?.(error, ...more);
    };
    return () => (config.errorHandler = errorHandler);
  });
  for (const render of waiting) render();
  await vue.nextTick();
  for (const restore of handlers) restore();
  // What went wrong after the first is for the most part its consequence.
  if (errors.length) failed(errors[0]);
}

/** @param {any} error of a component that was put in */
function failed(error) {
  showProblem("vue", {
    title: "A component failed after it was edited",
    message: `${error?.message ?? error}`,
    stack: error?.stack,
  });
}
