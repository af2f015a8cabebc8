// @ts-check
/**
 * The module graph as a picture, for the eye and the mouse.
 *
 * All that it shows is also said by the lists beside it; screen readers get those. With
 * the focus on it, arrow keys go along the imports.
 */

import { drawn, element, linkTo, replace } from "./elements.js";
import { layOut, NODE, ROW } from "./layout.js";
import { roleOf } from "./model.js";

/** Modules that are drawn all at once. */
export const MOST = 500;
/** How far around the selected module it is drawn otherwise, and how many modules at most. */
const STEPS = 2;
const MOST_AROUND = 150;
/** At which names can still be read, and at which the whole can be seen. */
const READABLE = 0.6;
const SMALLEST = 0.2;

/** @typedef {import("./layout.js").Layout} Layout */

export class Drawing {
  /** @type {Layout | undefined} */
  #layout;
  /** What the layout was made from. */
  #made = "";
  #scale = 0;
  /** @type {SVGElement | undefined} */
  #svg;
  /** @type {Map<string, SVGElement>} */
  #nodes = new Map();
  /** @type {{from: string, to: string, path: SVGElement}[]} */
  #edges = [];
  /** @type {string | undefined} */
  #selected;
  #canvas = element("div", {
    class: "canvas",
    tabindex: "0",
    role: "group",
    "aria-label": "Module graph. Arrow keys go to an importer, an import or a neighbour of the selected module.",
    keydown: (event) => this.#onKey(event),
  });
  #note = element("p", { class: "note", id: "shown" });
  #scope = /** @type {HTMLSelectElement} */ (
    element(
      "select",
      { id: "scope", change: () => this.onScope() },
      element("option", { value: "all" }, "all modules"),
      element("option", { value: "near" }, "around the selected one"),
    )
  );
  /** Is called when another part is to be drawn. */
  onScope = () => {};

  /** @param {import("./model.js").Model} model */
  constructor(model) {
    this.model = model;
    const zoom = (/** @type {string} */ text, /** @type {string} */ label, /** @type {number} */ by) =>
      element("button", { type: "button", "aria-label": label, title: label, click: () => this.#zoom(by) }, text);
    this.root = element(
      "section",
      { class: "graph", "aria-label": "Graph" },
      element(
        "div",
        { class: "bar" },
        element("label", { for: "scope" }, "Draw"),
        this.#scope,
        this.#note,
        element("span", { class: "zoom" }, zoom("−", "Smaller", 0.8), zoom("Fit", "Fit the width", 0), zoom("+", "Larger", 1.25)),
      ),
      this.#canvas,
      legend(),
    );
  }

  /**
   * @param {string | undefined} selected
   * @param {Set<string>} found by a search; all, if there is none
   */
  show(selected, found) {
    const { modules } = this.model;
    const isNew = this.#selected !== selected;
    this.#selected = selected;
    const keys = this.#chosen(selected);
    const made = JSON.stringify([...keys].map((key) => [key, [...(modules.get(key)?.imports ?? [])], roleOf(/** @type {any} */ (modules.get(key))).name]));
    if (made !== this.#made) this.#draw(keys);
    this.#made = made;
    const count = modules.size;
    this.#note.textContent = keys.size === count ? plural(count, "module") : `${keys.size} of ${plural(count, "module")}`;
    const module = selected === undefined ? undefined : modules.get(selected);
    this.#svg?.classList.toggle("chosen", this.#nodes.has(selected ?? ""));
    for (const [key, node] of this.#nodes) {
      node.classList.toggle("selected", key === selected);
      node.classList.toggle("near", !!module?.imports.has(key) || !!module?.importers.has(key));
      node.classList.toggle("unfound", !found.has(key));
    }
    for (const { from, to, path } of this.#edges) {
      path.classList.toggle("near", from === selected || to === selected);
    }
    if (isNew) this.#reveal();
  }

  /** Show that modules have changed. @param {Iterable<string>} keys */
  flash(keys) {
    for (const key of keys) {
      const node = this.#nodes.get(key);
      if (!node) continue;
      node.classList.remove("changed");
      // The animation begins anew only when the style was without it for once.
      void node.getBoundingClientRect();
      node.classList.add("changed");
    }
  }

  /** @param {string | undefined} selected @returns {Set<string>} what is drawn */
  #chosen(selected) {
    const { model } = this;
    const [all] = this.#scope.options;
    const isLarge = model.modules.size > MOST;
    all.disabled = isLarge;
    if (isLarge) this.#scope.value = "near";
    if (this.#scope.value === "all") return new Set([...model.modules.keys()].sort());
    const isKnown = selected !== undefined && model.modules.has(selected);
    return model.around(isKnown ? [selected] : model.roots, isKnown ? STEPS : 1, MOST_AROUND);
  }

  /** @param {Set<string>} keys */
  #draw(keys) {
    const { modules } = this.model;
    const layout = layOut(keys, (key) => modules.get(key)?.imports.keys() ?? []);
    this.#layout = layout;
    this.#nodes.clear();
    this.#edges = [];
    const edges = drawn("g", { class: "edges" });
    const nodes = drawn("g", { class: "nodes" });
    for (const { folder, x, y } of layout.labels) {
      nodes.append(drawn("text", { class: "folder", x, y }, folder));
    }
    for (const node of layout.nodes.values()) {
      const module = /** @type {import("./model.js").Module} */ (modules.get(node.key));
      for (const [target, { dynamic, accepted }] of module.imports) {
        const to = layout.nodes.get(target);
        if (!to) continue;
        const kind = `edge${dynamic ? " dynamic" : ""}${accepted ? " accepted" : ""}`;
        const path = drawn("path", { class: kind, d: curve(node, to) });
        this.#edges.push({ from: node.key, to: target, path });
        edges.append(path);
      }
      const { name, sign, text } = roleOf(module);
      const made = drawn(
        "g",
        { class: `node ${name}`, transform: `translate(${node.x} ${node.y})`, "data-key": node.key },
        drawn("title", {}, `${node.key}\n${text}`),
        drawn("rect", { width: node.width, height: NODE, rx: 4 }),
        drawn("text", { class: "sign", x: 7, y: 15.5 }, sign),
        drawn("text", { class: "label", x: 22, y: 15.5 }, node.label),
      );
      made.addEventListener("click", () => (location.hash = linkTo(node.key)));
      this.#nodes.set(node.key, made);
      nodes.append(made);
    }
    const { width, height } = layout;
    this.#svg = drawn("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true", focusable: "false" }, edges, nodes);
    replace(this.#canvas, [this.#svg]);
    if (!modules.size) this.#canvas.append(element("p", { class: "empty" }, "No module has been asked for yet. Open a page of the app."));
    if (!modules.size) return;
    const isFirst = !this.#scale;
    this.#zoom(isFirst ? 0 : 1);
    if (isFirst && this.#scale && this.#scale < READABLE) this.#zoom(READABLE / this.#scale);
  }

  /** @param {number} by a factor; 0 fits the width */
  #zoom(by) {
    const { width = 0, height = 0 } = this.#layout ?? {};
    const room = this.#canvas.clientWidth;
    // Not shown yet: it is fitted when it is.
    if (!this.#svg || (!room && !this.#scale)) return;
    const fitted = Math.max(Math.min(1, room / width), SMALLEST);
    this.#scale = by ? Math.min(Math.max(this.#scale * by, SMALLEST), 3) : fitted;
    this.#svg.setAttribute("width", String(width * this.#scale));
    this.#svg.setAttribute("height", String(height * this.#scale));
    this.#reveal();
  }

  /** Scroll to the selected module. */
  #reveal() {
    const node = this.#layout?.nodes.get(this.#selected ?? "");
    if (!node) return;
    const { clientWidth, clientHeight, scrollLeft, scrollTop } = this.#canvas;
    const [x, y] = [node.x * this.#scale, node.y * this.#scale];
    const isSeen =
      x >= scrollLeft &&
      x + node.width * this.#scale <= scrollLeft + clientWidth &&
      y >= scrollTop &&
      y + ROW * this.#scale <= scrollTop + clientHeight;
    if (!isSeen) this.#canvas.scrollTo(x - clientWidth / 2 + (node.width * this.#scale) / 2, y - clientHeight / 2);
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (!event.key.startsWith("Arrow") || event.altKey || event.ctrlKey || event.metaKey) return;
    const next = this.#neighbour(event.key);
    event.preventDefault();
    if (next !== undefined) location.hash = linkTo(next);
  }

  /** @param {string} arrow @returns {string | undefined} the module that an arrow key leads to */
  #neighbour(arrow) {
    const nodes = this.#layout?.nodes ?? new Map();
    const here = nodes.get(this.#selected);
    const module = this.model.modules.get(this.#selected ?? "");
    if (!here || !module) return nodes.keys().next().value;
    if (arrow === "ArrowLeft") return [...module.importers.keys()].find((key) => nodes.has(key));
    if (arrow === "ArrowRight") return [...module.imports.keys()].find((key) => nodes.has(key));
    const column = [...nodes.values()].filter((node) => node.column === here.column);
    return column[column.indexOf(here) + (arrow === "ArrowDown" ? 1 : -1)]?.key;
  }
}

/** @param {import("./layout.js").Node} from @param {import("./layout.js").Node} to */
function curve(from, to) {
  const [x1, y1, y2] = [from.x + from.width, from.y + NODE / 2, to.y + NODE / 2];
  // What leads back, as in a circle, comes out and goes in at the right.
  const isBack = to.x <= from.x;
  const x2 = isBack ? to.x + to.width : to.x;
  const bend = isBack ? 40 : Math.min((x2 - x1) / 2, 90);
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${isBack ? x2 + bend : x2 - bend} ${y2} ${x2} ${y2}`;
}

/** @param {number} count @param {string} name */
export function plural(count, name) {
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}

function legend() {
  const entries = [
    ["self", "●", "self-accepting"],
    ["deps", "◐", "accepts dependencies"],
    ["may", "○", "may accept"],
    ["declines", "⊘", "declines"],
    ["missing", "✕", "missing"],
    ["opaque", "◇", "no file"],
    ["line", "╌╌", "import()"],
    ["taken", "━━", "accepted import"],
  ];
  const items = entries.map(([name, sign, text]) =>
    element("li", { class: name }, element("span", { "aria-hidden": "true" }, sign), ` ${text}`),
  );
  return element("ul", { class: "legend", "aria-label": "Signs" }, ...items);
}
