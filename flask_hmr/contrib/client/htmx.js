// @ts-check
/**
 * Keeps what htmx put into the page up to date.
 *
 * An answer to a GET that was swapped in is a part. When a template changed that it was
 * made from, the same GET is sent again, and what differs is morphed in.
 */

import { clearProblem, follow, morph, on, own, replaced, showProblem } from "@hmr/client";

/**
 * @typedef {{verb: string, boosted?: boolean, headers: Record<string, string>, elt: Element}} Config
 * @typedef {{xhr: XMLHttpRequest, target: Element, requestConfig: Config, etc?: any,
 *   select?: string, pathInfo: {requestPath: string, finalRequestPath: string}}} Info of htmx's events
 * @typedef {{nodes: Node[], away: {selector: string | undefined, style: string, element: Element}[]}} Content
 */

/** Where the content of an answer goes, by the way in which it is swapped. */
const INSIDE = ["innerHTML", "textContent", "beforeend", "afterbegin"];
/** Nothing of what was there before stays. */
const WHOLE = ["innerHTML", "textContent"];
const BESIDE = ["outerHTML", "beforebegin", "afterend"];
const OOB = "[hx-swap-oob], [data-hx-swap-oob]";

/** @returns {any} what htmx offers, where the page lets others have it */
const htmx = () => /** @type {any} */ (window).htmx;

/** @type {Set<Part>} */
const parts = new Set();
/** Requests that failed, by URL. @type {Map<string, Failure>} */
const failures = new Map();
/** What was where before an answer was swapped in. @type {WeakMap<XMLHttpRequest, {container: Element, style: string, before: Set<Node>}>} */
const swaps = new WeakMap();
/** What is called when htmx has done with an answer. @type {WeakMap<XMLHttpRequest, () => void>} */
const settles = new WeakMap();

/** What a GET brought into the page. */
class Part {
  #isBusy = false;
  #isStale = false;

  /**
   * @param {Info} info
   * @param {{container: Element, style: string, before: Set<Node>}} swap
   */
  constructor(info, { container, style, before }) {
    this.url = info.pathInfo.finalRequestPath;
    this.headers = info.requestConfig.headers;
    this.selector = selectorOf(info);
    this.text = info.xhr.responseText;
    this.container = container;
    this.isText = style === "textContent";
    this.isAll = WHOLE.includes(style);
    this.nodes = [...container.childNodes].filter((node) => !before.has(node));
    this.stop = follow(info.xhr, () => this.refresh());
    this.settled = this.#settles(style) ? new Promise((resolve) => settles.set(info.xhr, () => resolve(undefined))) : null;
    this.#own();
  }

  /**
   * Whether htmx will say when it has set the last attributes.
   *
   * It says so on the elements that it put in, and on the target where that is still there.
   *
   * @param {string} style
   */
  #settles(style) {
    return style !== "outerHTML" || this.nodes.some((node) => node instanceof Element);
  }

  /** The markup of the page says nothing of it any longer. */
  #own() {
    if (this.isAll) return own(this.container, this);
    for (const node of this.nodes) if (node instanceof Element) own(node, this, true);
  }

  /** Whether any of it is still in the page. */
  get isThere() {
    return this.container.isConnected && (this.isAll || this.nodes.some((node) => node.isConnected));
  }

  async refresh() {
    this.#isStale = true;
    if (this.#isBusy) return;
    this.#isBusy = true;
    while (this.#isStale && parts.has(this)) {
      this.#isStale = false;
      await this.#fetch();
    }
    this.#isBusy = false;
  }

  async #fetch() {
    // Until then, htmx would put back the attributes that it has seen.
    await this.settled;
    if (!this.isThere) return forget(this);
    const answer = await get(this.url, this.headers);
    if (!answer || !parts.has(this)) return;
    const { response, text, templates } = answer;
    this.stop();
    this.stop = follow(templates ?? response, () => this.refresh());
    if (!response.ok) return;
    clearProblem(this.url);
    this.#take(text);
  }

  /** @param {string} text */
  #take(text) {
    console.info(`[hmr] refresh ${this.url}`);
    if (this.isText) {
      this.container.textContent = text;
      return;
    }
    const [base, next] = [this.text, text].map((one) => contentOf(one, this.selector));
    this.text = text;
    const [old, young] = [base, next].map(({ nodes }) => wrapped(this.container, nodes));
    const { added } = morph(this.container, young, old, this);
    this.nodes.push(...added.filter((one) => one.parentNode === this.container));
    this.#own();
    next.away.forEach((one, index) => moveAway(one, base.away[index]));
  }
}

/** A GET that brought nothing, because its view failed. */
class Failure {
  /** @param {Info} info */
  constructor(info) {
    this.info = info;
    this.url = info.pathInfo.finalRequestPath;
    this.stop = () => {};
  }

  async check() {
    const answer = await get(this.url, this.info.requestConfig.headers);
    if (!answer || failures.get(this.url) !== this) return;
    this.stop();
    if (!answer.response.ok) {
      this.stop = follow(answer.templates ?? answer.response, () => this.check());
      return;
    }
    failures.delete(this.url);
    clearProblem(this.url);
    const { target, etc, requestConfig } = this.info;
    const { elt } = requestConfig;
    if (elt.isConnected) htmx()?.ajax("GET", this.url, { ...etc, source: elt, target });
  }
}

/**
 * @param {string} url
 * @param {Record<string, string>} headers as htmx sends them
 */
async function get(url, headers) {
  try {
    const response = await fetch(url, { headers: { ...headers, "HMR-Refresh": "1" }, cache: "no-store" });
    const text = await response.text();
    if (!response.headers.has("HMR-Problem")) {
      if (!response.ok) {
        const message = `GET ${url} is answered with ${response.status} ${response.statusText}.`;
        showProblem(url, { title: "A part of the page cannot be had", message });
      }
      return { response, text };
    }
    const { problem, templates } = JSON.parse(text);
    showProblem(url, problem);
    return { response, text, templates };
  } catch {
    // The server has gone. When it is back, all parts are fetched again.
    return undefined;
  }
}

/** @param {Part} part */
function forget(part) {
  part.stop();
  parts.delete(part);
  clearProblem(part.url);
}

/** @param {{added: Element[], changed: Element[]}} done */
function process(done) {
  for (const element of [...done.added, ...done.changed]) {
    if (element.isConnected) htmx()?.process(element);
  }
}

/** @param {Info} info @returns {string} how its answer is swapped */
function styleOf({ xhr, requestConfig, etc }) {
  const given = xhr.getResponseHeader("HX-Reswap") ?? etc?.swapOverride ?? attributeOf(requestConfig.elt, "hx-swap");
  const usual = requestConfig.boosted ? "innerHTML" : htmx()?.config.defaultSwapStyle ?? "innerHTML";
  return (given ?? usual).trim().split(/\s/, 1)[0] || usual;
}

/** @param {Info} info @returns {string | undefined} what of its answer is taken */
function selectorOf({ xhr, requestConfig, etc }) {
  const given = xhr.getResponseHeader("HX-Reselect") ?? etc?.select ?? attributeOf(requestConfig.elt, "hx-select");
  return given && given !== "unset" ? given : undefined;
}

/** @param {Element} element @param {string} name of an attribute that is inherited */
function attributeOf(element, name) {
  const found = element.closest(`[${name}], [data-${name}]`);
  return found?.getAttribute(name) ?? found?.getAttribute(`data-${name}`) ?? undefined;
}

/**
 * @param {string} text of an answer
 * @param {string | undefined} selector
 * @returns {Content} what is put where it was asked for, and what goes elsewhere
 */
function contentOf(text, selector) {
  const isDocument = /<(?:html|body)[\s>]/i.test(text);
  const markup = isDocument ? text : `<template>${text}</template>`;
  const parsed = new DOMParser().parseFromString(markup, "text/html");
  const holder = isDocument ? parsed.body : /** @type {HTMLTemplateElement} */ (parsed.querySelector("template")).content;
  for (const title of holder.querySelectorAll("title")) if (title.parentNode === holder) title.remove();
  const away = [...holder.querySelectorAll(OOB)].map((element) => {
    const [style, ...rest] = (attribute(element, "hx-swap-oob") ?? "true").split(":");
    element.removeAttribute("hx-swap-oob");
    element.removeAttribute("data-hx-swap-oob");
    element.remove();
    const selector = rest.join(":") || (element.id && `#${CSS.escape(element.id)}`) || undefined;
    return { selector, style: style === "true" ? "outerHTML" : style, element };
  });
  return { nodes: selector ? [...holder.querySelectorAll(selector)] : [...holder.childNodes], away };
}

/** @param {Element} element @param {string} name */
function attribute(element, name) {
  return element.getAttribute(name) ?? element.getAttribute(`data-${name}`);
}

/**
 * Bring up to date what an answer has put elsewhere.
 *
 * @param {Content["away"][0]} next
 * @param {Content["away"][0] | undefined} base
 */
function moveAway({ selector, style, element }, base) {
  const live = selector && document.querySelector(selector);
  if (!live || base?.selector !== selector) return;
  if (style === "outerHTML") morph(live, element, base.element);
  else if (INSIDE.includes(style)) {
    const [old, young] = [base.element, element].map((one) => wrapped(live, [...one.childNodes]));
    morph(live, young, old);
  }
}

/**
 * @param {Element} container
 * @param {Node[]} nodes
 * @returns {Element} a copy of the container that holds nothing but these nodes
 */
function wrapped(container, nodes) {
  const copy = /** @type {Element} */ (container.cloneNode(false));
  copy.append(...nodes);
  return copy;
}

/**
 * @param {string} event
 * @param {(info: Info) => void} callback
 */
function hear(event, callback) {
  document.addEventListener(event, (given) => callback(/** @type {CustomEvent<Info>} */ (given).detail));
}

hear("htmx:beforeSwap", (info) => {
  const style = styleOf(info);
  const container = INSIDE.includes(style) ? info.target : BESIDE.includes(style) ? info.target.parentElement : null;
  if (container) swaps.set(info.xhr, { container, style, before: new Set(container.childNodes) });
});

hear("htmx:afterSwap", (info) => {
  const { xhr, requestConfig, pathInfo } = info;
  const swap = swaps.get(xhr);
  // The event is sent for each element, and the first finds all of them in place.
  swaps.delete(xhr);
  for (const part of [...parts]) {
    if (!part.isThere || (swap && WHOLE.includes(swap.style) && part.container === swap.container)) forget(part);
  }
  const failure = failures.get(pathInfo.finalRequestPath);
  if (failure) {
    failure.stop();
    failures.delete(failure.url);
    clearProblem(failure.url);
  }
  // A whole document, from a link or a form that was boosted.
  if (swap?.container === document.body && /<script[^>]+data-hmr=/.test(xhr.responseText)) {
    const isGet = requestConfig.verb === "get" || !xhr.responseURL.endsWith(pathInfo.finalRequestPath);
    replaced(xhr.responseURL || location.href, isGet ? xhr.responseText : null);
  } else if (swap && requestConfig.verb === "get") parts.add(new Part(info, swap));
});

hear("htmx:afterSettle", ({ xhr }) => settles.get(xhr)?.());

hear("htmx:responseError", (info) => {
  const { requestConfig, pathInfo, xhr } = info;
  if (requestConfig.verb !== "get" || xhr.status < 500) return;
  failures.get(pathInfo.finalRequestPath)?.stop();
  const failure = new Failure(info);
  failures.set(failure.url, failure);
  failure.check();
});

document.addEventListener("htmx:historyRestore", () => replaced(location.href, null));

on("hmr:afterRefresh", process);
