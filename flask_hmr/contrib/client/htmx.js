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
 *   pathInfo: {requestPath: string, finalRequestPath: string}}} Info of htmx's events
 * @typedef {Info & {select?: string, selectOverride?: string, swapOverride?: string}} Plan what is about to be done
 * @typedef {{container: Element, style: string, selector: string | undefined, away: [id: string, style: string][],
 *   before: Set<Node>}} Swap
 * @typedef {{selector: string | undefined, style: string, element: Element}} Away
 * @typedef {{nodes: Node[], away: Away[]}} Content
 */

/** Ways to swap after which nothing of what was in an element stays. */
const WHOLE = ["innerHTML", "textContent"];
/** Those that add to what is in it. */
const ADDING = ["beforeend", "afterbegin"];
/** Those by which the answer itself goes nowhere. */
const NOWHERE = ["none", "delete"];
/** Those by which content goes where the element is. */
const BESIDE = ["outerHTML", "beforebegin", "afterend"];
/** What those of extensions that morph come to. @type {Record<string, string>} */
const MORPHING = { morph: "outerHTML", "morph:outerHTML": "outerHTML", "morph:innerHTML": "innerHTML" };
const OOB = "[hx-swap-oob], [data-hx-swap-oob]";

/** @returns {any} what htmx offers, where the page lets others have it */
const htmx = () => /** @type {any} */ (window).htmx;

/** @type {Set<Part>} */
const parts = new Set();
/** Requests that failed, by URL. @type {Map<string, Failure>} */
const failures = new Map();
/** How answers are swapped in, and what was there before. @type {WeakMap<XMLHttpRequest, Swap>} */
const swaps = new WeakMap();
/** The part that was put into an element last, in the place of all that it held. @type {WeakMap<Element, Part>} */
const holders = new WeakMap();
/** What is called when htmx has done with an answer. @type {WeakMap<XMLHttpRequest, (value?: any) => void>} */
const settles = new WeakMap();

/** What a GET brought into the page. */
class Part {
  #isBusy = false;
  #isStale = false;

  /**
   * @param {Info} info
   * @param {Swap} swap
   */
  constructor(info, swap) {
    const { container, style, before } = swap;
    this.url = info.pathInfo.finalRequestPath;
    this.headers = info.requestConfig.headers;
    this.status = info.xhr.status;
    this.swap = swap;
    this.container = container;
    this.isAll = WHOLE.includes(style);
    this.content = contentOf(info.xhr.responseText, swap);
    this.nodes = NOWHERE.includes(style) ? [] : [...container.childNodes].filter((node) => !before.has(node));
    this.stop = follow(info.xhr, () => this.refresh());
    this.settled = this.#settles(style) ? new Promise((resolve) => settles.set(info.xhr, resolve)) : null;
    this.#own();
    this.#ownAway();
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
    if (this.isAll) return this.#claim(this.container, false);
    for (const node of this.nodes) if (node instanceof Element) this.#claim(node, true);
  }

  #ownAway() {
    for (const away of this.content.away) {
      const place = placeOf(away);
      if (place && !ADDING.includes(away.style)) this.#claim(place, away.style === "outerHTML");
    }
  }

  /** @param {Element} element @param {boolean} whole whether its attributes came with it */
  #claim(element, whole) {
    holders.set(element, this);
    own(element, this, whole);
  }

  /** Whether any of it is still in the page. */
  get isThere() {
    return this.#isAtHome || this.content.away.some((away) => this.#placeOf(away));
  }

  /** Whether some is where it was asked for. */
  get #isAtHome() {
    if (this.isAll) return this.container.isConnected && holders.get(this.container) === this;
    return this.nodes.some((node) => node.isConnected);
  }

  /** @param {Away} away @returns {Element | null} its place, unless that has something else by now */
  #placeOf(away) {
    const place = placeOf(away);
    return place && (ADDING.includes(away.style) || holders.get(place) === this) ? place : null;
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
    const answer = await get(this.url, this.headers, this.status);
    if (!answer || !parts.has(this)) return;
    this.stop();
    this.stop = follow(answer.source, () => this.refresh());
    if (!answer.isTaken) return;
    clearProblem(this.url);
    this.#take(answer.text);
  }

  /** @param {string} text */
  #take(text) {
    console.info(`[hmr] refresh ${this.url}`);
    const base = this.content;
    this.content = contentOf(text, this.swap);
    if (this.#isAtHome) this.#takeHome(base.nodes);
    this.content.away.forEach((away, index) => this.#takeAway(away, base.away[index]));
  }

  /** @param {Node[]} nodes of the answer before */
  #takeHome(nodes) {
    const { container } = this;
    const [old, young] = [nodes, this.content.nodes].map((some) => wrapped(container, some));
    const { added } = morph(container, young, old, this);
    this.nodes.push(...added.filter((one) => one.parentNode === container));
    this.#own();
  }

  /**
   * @param {Away} away
   * @param {Away | undefined} base of the answer before
   */
  #takeAway(away, base) {
    const place = this.#placeOf(away);
    if (!place || !base || base.selector !== away.selector) return;
    const [old, young] = [base, away].map(({ element }) => {
      return away.style === "outerHTML" ? element : wrapped(place, [...element.childNodes]);
    });
    morph(place, young, old, this);
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
    if (!answer.isTaken) {
      this.stop();
      this.stop = follow(answer.source, () => this.check());
      return;
    }
    forgetFailure(this.url);
    const { target, etc, requestConfig } = this.info;
    const { elt } = requestConfig;
    if (elt.isConnected) htmx()?.ajax("GET", this.url, { ...etc, source: elt, target });
  }
}

/**
 * @param {string} url
 * @param {Record<string, string>} headers as htmx sends them
 * @param {number} [status] of an answer that the page takes, besides those that are good
 */
async function get(url, headers, status) {
  try {
    const response = await fetch(url, { headers: { ...headers, "HMR-Refresh": "1" }, cache: "no-store" });
    const text = await response.text();
    if (response.headers.has("HMR-Problem")) {
      const { problem, templates } = JSON.parse(text);
      showProblem(url, problem);
      return { isTaken: false, text, source: templates };
    }
    const isTaken = response.ok || response.status === status;
    if (!isTaken) {
      const message = `GET ${url} is answered with ${response.status} ${response.statusText}.`;
      showProblem(url, { title: "A part of the page cannot be had", message });
    }
    return { isTaken, text, source: response };
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

/** @param {string} url */
function forgetFailure(url) {
  const failure = failures.get(url);
  if (!failure) return;
  failure.stop();
  failures.delete(url);
  clearProblem(url);
}

/** @param {{added: Element[], changed: Element[]}} done */
function process(done) {
  for (const element of [...done.added, ...done.changed]) {
    if (element.isConnected) htmx()?.process(element);
  }
}

/** @param {Plan} plan @returns {Swap} */
function swapOf(plan) {
  const { target } = plan;
  const style = styleOf(plan);
  const container = (BESIDE.includes(style) && target.parentElement) || target;
  const before = new Set(container.childNodes);
  // An extension that morphs may let it stay, as something new.
  if (style === "outerHTML") before.delete(target);
  return { container, style, selector: selectorOf(plan), away: selectedAway(plan), before };
}

/** @param {Plan} plan @returns {string} how its answer is swapped */
function styleOf({ target, requestConfig, swapOverride }) {
  const given = swapOverride ?? attributeOf(requestConfig.elt, "hx-swap");
  const usual = requestConfig.boosted ? "innerHTML" : htmx()?.config.defaultSwapStyle ?? "innerHTML";
  const named = (given ?? usual).trim().split(/\s/, 1)[0] || usual;
  const style = MORPHING[named] ?? named;
  // To htmx these are the same for the body.
  return style === "outerHTML" && target === document.body ? "innerHTML" : style;
}

/** @param {Plan} plan @returns {string | undefined} what of its answer is taken */
function selectorOf({ xhr, requestConfig, select, selectOverride }) {
  const said = xhr.getResponseHeader("HX-Reselect") ?? select ?? selectOverride;
  const given = said ?? attributeOf(requestConfig.elt, "hx-select");
  return given && given !== "unset" ? given : undefined;
}

/** @param {Element} element @param {string} name of an attribute that is inherited */
function attributeOf(element, name) {
  const found = element.closest(`[${name}], [data-${name}]`);
  return found?.getAttribute(name) ?? found?.getAttribute(`data-${name}`) ?? undefined;
}

/**
 * @param {Plan} plan
 * @returns {[id: string, style: string][]} what of its answer goes elsewhere, besides what says so itself
 */
function selectedAway({ requestConfig, etc }) {
  const given = etc?.selectOOB || attributeOf(requestConfig.elt, "hx-select-oob");
  const found = given && given !== "unset" ? given.split(",") : [];
  return found.map((/** @type {string} */ one) => {
    const [id, style = "true"] = one.split(":", 2);
    return [id.trim().replace(/^#/, ""), style];
  });
}

/**
 * @param {string} text of an answer
 * @param {Swap} swap
 * @returns {Content} what is put where it was asked for, and what goes elsewhere
 */
function contentOf(text, { style, selector, away }) {
  if (style === "textContent") return { nodes: [new Text(text)], away: [] };
  const holder = holderOf(text);
  for (const [id, how] of away) holder.querySelector(`#${CSS.escape(id)}`)?.setAttribute("hx-swap-oob", how);
  const taken = [...holder.querySelectorAll(OOB)].map(takenAway);
  return { nodes: selector ? [...holder.querySelectorAll(selector)] : [...holder.childNodes], away: taken };
}

/** @param {string} text of an answer @returns {ParentNode} what holds its elements, as htmx reads them */
function holderOf(text) {
  const isDocument = /<(?:html|body)[\s>]/i.test(text);
  const markup = isDocument ? text : `<template>${text}</template>`;
  const parsed = new DOMParser().parseFromString(markup, "text/html");
  const holder = isDocument ? parsed.body : /** @type {any} */ (parsed.querySelector("template")).content;
  for (const title of holder.querySelectorAll("title")) if (title.parentNode === holder) title.remove();
  return holder;
}

/** @param {Element} element that is marked to go elsewhere @returns {Away} */
function takenAway(element) {
  const [style, ...rest] = (attribute(element, "hx-swap-oob") ?? "true").split(":");
  element.removeAttribute("hx-swap-oob");
  element.removeAttribute("data-hx-swap-oob");
  element.remove();
  const selector = rest.join(":") || (element.id && `#${CSS.escape(element.id)}`) || undefined;
  return { selector, style: style === "true" ? "outerHTML" : MORPHING[style] ?? style, element };
}

/** @param {Element} element @param {string} name */
function attribute(element, name) {
  return element.getAttribute(name) ?? element.getAttribute(`data-${name}`);
}

/** @param {Away} away @returns {Element | null} where it goes */
function placeOf({ selector }) {
  return selector ? document.querySelector(selector) : null;
}

/**
 * @param {Element} container
 * @param {Node[]} nodes
 * @returns {Element} a copy of the container that holds nothing but copies of these nodes
 */
function wrapped(container, nodes) {
  const copy = /** @type {Element} */ (container.cloneNode(false));
  copy.append(...nodes.map((node) => node.cloneNode(true)));
  return copy;
}

/**
 * @param {string} event
 * @param {(info: Plan) => void} callback
 */
function hear(event, callback) {
  document.addEventListener(event, (given) => callback(/** @type {CustomEvent<Plan>} */ (given).detail));
}

/**
 * @param {Info} info of an answer that was swapped in
 * @param {Swap} swap
 */
function take(info, swap) {
  const { xhr, requestConfig, pathInfo } = info;
  forgetFailure(pathInfo.finalRequestPath);
  if (WHOLE.includes(swap.style)) holders.delete(swap.container);
  if (isPage(xhr, swap)) {
    own(document.body, null);
    replaced(xhr.responseURL || location.href, xhr.responseText);
  } else if (requestConfig.verb === "get") parts.add(new Part(info, swap));
}

/**
 * Whether an answer is the page from now on, as after a link or a form that was boosted.
 *
 * @param {XMLHttpRequest} xhr
 * @param {Swap} swap
 */
function isPage({ responseText }, { container, style, selector }) {
  const isWhole = container === document.body && style === "innerHTML" && !selector;
  return isWhole && /<script[^>]+data-hmr=/.test(responseText);
}

hear("htmx:beforeSwap", (plan) => swaps.set(plan.xhr, swapOf(plan)));

hear("htmx:afterSwap", (info) => {
  // There is none where no request was made: content may come out of htmx's history.
  const swap = swaps.get(info.xhr);
  // The event is sent for each element, and the first finds all of them in place.
  swaps.delete(info.xhr);
  if (swap) take(info, swap);
  for (const part of [...parts]) if (!part.isThere) forget(part);
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
