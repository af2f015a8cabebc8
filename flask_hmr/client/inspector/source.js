// @ts-check
/** The text of a module, before and after each that changes it. */

import { diff, shortened } from "./diff.js";
import { element } from "./elements.js";

/** @typedef {{name: string, text: string, cut?: boolean}} Stage */

const CONTEXT = 3;

export class SourceView {
  root = element("section", { class: "source", "aria-label": "Source" });
  /** @type {Stage[]} */
  #stages = [];
  #chosen = 0;
  #showsAll = false;
  #key = "";
  /** What is shown, so that it is made once. */
  #shown = "";

  /** Another module is selected. @param {string | undefined} key */
  select(key) {
    if ((key ?? "") === this.#key) return;
    this.#key = key ?? "";
    this.#stages = [];
    this.#shown = "";
    this.root.replaceChildren();
  }

  /** @param {string} key @param {Stage[]} stages */
  take(key, stages) {
    if (key !== this.#key) return;
    const shown = JSON.stringify(stages);
    if (shown === this.#shown) return;
    const isNew = !this.#shown;
    this.#shown = shown;
    this.#stages = stages;
    if (isNew || this.#chosen >= stages.length) this.#chosen = Math.max(stages.length - 1, 0);
    this.#make();
  }

  #make() {
    const stages = this.#stages;
    if (!stages.length) {
      this.root.replaceChildren(element("h3", {}, "Source"), element("p", { class: "note" }, "There is nothing to read: it is made by a view, or missing."));
      return;
    }
    const focused = this.root.contains(document.activeElement) ? document.activeElement?.id : undefined;
    const choices = stages.flatMap(({ name }, index) => {
      const id = `stage-${index}`;
      return [
        element("input", { type: "radio", name: "stage", id, checked: index === this.#chosen, change: () => this.#choose(index) }),
        element("label", { for: id }, said(name)),
      ];
    });
    const all = element("input", { type: "checkbox", id: "all-lines", checked: this.#showsAll, change: (event) => this.#all(event.target.checked) });
    const isFirst = this.#chosen === 0;
    this.root.replaceChildren(
      element("h3", {}, "Source"),
      element("fieldset", {}, element("legend", {}, "As it is in"), ...choices),
      element("p", { class: "note" }, ...(isFirst ? [] : [all, element("label", { for: "all-lines" }, "All lines")]), this.#summary()),
      this.#text(),
    );
    if (focused) document.getElementById(focused)?.focus();
  }

  /** @param {number} index */
  #choose(index) {
    this.#chosen = index;
    this.#make();
  }

  /** @param {boolean} showsAll */
  #all(showsAll) {
    this.#showsAll = showsAll;
    this.#make();
  }

  #summary() {
    const stage = this.#stages[this.#chosen];
    if (stage.cut) return " This is the beginning of a long text.";
    const before = this.#stages[this.#chosen - 1];
    if (!before) return "";
    return before.text === stage.text ? ` The same as in “${said(before.name)}”.` : ` Compared with “${said(before.name)}”.`;
  }

  #text() {
    const stage = this.#stages[this.#chosen];
    const before = this.#stages[this.#chosen - 1] ?? stage;
    const lines = diff(before.text, stage.text);
    const isShort = this.#chosen > 0 && !this.#showsAll && before.text !== stage.text;
    const rows = (isShort ? shortened(lines, CONTEXT) : lines).map((line) => {
      if (!line) return element("span", { class: "line left-out" }, "⋯\n");
      const { sign, text, before: old, after } = line;
      const name = sign === "+" ? "added" : sign === "-" ? "removed" : "same";
      return element(
        "span",
        { class: `line ${name}` },
        element("span", { class: "number", "aria-hidden": "true" }, String(after ?? old ?? "")),
        element("span", { class: "sign" }, sign),
        `${text}\n`,
      );
    });
    return element("pre", { tabindex: "0", "aria-label": `Source, ${said(stage.name)}` }, element("code", {}, ...rows));
  }
}

/** @param {string} name of a stage */
function said(name) {
  if (name === "file") return "the file";
  if (name === "sent") return "the page";
  return name;
}
