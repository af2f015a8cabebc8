// @ts-check
/**
 * Problems, and the elements that show one in the overlay.
 *
 * Titles, messages, file names and code come from outside: all of them are set
 * as text, never read as markup.
 */

/**
 * What went wrong. Lines and columns count from one, columns in UTF-16 units.
 *
 * @typedef {object} Problem
 * @property {string} title One short line, such as "Syntax error".
 * @property {string} message What happened, as many lines as it takes.
 * @property {string} [file]
 * @property {string} [path] The same file, in full.
 * @property {number} [line]
 * @property {number} [column]
 * @property {Frame} [frame] The code around the failing line.
 * @property {string} [stack]
 * @property {string} [hint] How to mend it.
 */

/**
 * @typedef {object} Frame
 * @property {number} start The number of the first of the lines.
 * @property {string[]} lines
 */

/**
 * Opens a file in the developer's editor.
 *
 * @typedef {(file: string, line?: number, column?: number) => void} Open
 */

/**
 * All that is known about a problem, the place as a button when it can be opened.
 *
 * @param {Problem} problem
 * @param {Open} [open]
 */
export function problemSection(problem, open) {
  const section = element("section");
  section.append(
    element("h3", "", problem.title),
    element("p", "message", problem.message),
  );
  const place = placeOf(problem);
  if (place) section.append(placeElement(problem, place, open));
  if (problem.frame) section.append(frameElement(problem, problem.frame));
  if (problem.hint) section.append(element("p", "hint", problem.hint));
  if (problem.stack) {
    const details = element("details");
    details.append(
      element("summary", "", "Stack trace"),
      scrollable(element("pre", "stack", problem.stack), "Stack trace"),
    );
    section.append(details);
  }
  return section;
}

/**
 * @param {Problem} problem
 * @param {string} place
 * @param {Open | undefined} open
 */
function placeElement({ file, path, line, column }, place, open) {
  if (!open || !file) return element("p", "place", place);
  const button = element("button", "place", place);
  button.type = "button";
  button.title = "Open in the editor";
  button.addEventListener("click", () => open(path ?? file, line, column));
  return button;
}

/**
 * @param {Problem} problem
 * @param {Frame} frame
 */
function frameElement({ line, column }, frame) {
  const pre = element("pre", "frame");
  const width = String(frame.start + frame.lines.length - 1).length;
  frame.lines.forEach((text, index) => {
    const number = frame.start + index;
    const failing = number === line;
    const row = element("span", failing ? "row failing" : "row");
    const mark = failing ? ">" : " ";
    row.append(
      element("span", "gutter", `${mark} ${String(number).padStart(width)} | `),
      element("code", "", text),
      "\n",
    );
    pre.append(row);
    if (failing && column) pre.append(caretRow(text, column, width));
  });
  return scrollable(pre, line ? `Code around line ${line}` : "Code");
}

/**
 * The caret stands behind an invisible copy of what precedes the column, so that
 * it is in place under tabs and wide characters too.
 *
 * @param {string} text
 * @param {number} column
 * @param {number} width
 */
function caretRow(text, column, width) {
  const row = element("span", "row caret");
  row.setAttribute("aria-hidden", "true");
  row.append(
    element("span", "gutter", `  ${" ".repeat(width)} | `),
    element("span", "unseen", text.slice(0, Math.max(column - 1, 0))),
    element("span", "mark", "^"),
    "\n",
  );
  return row;
}

/**
 * Lets the keyboard reach what may be wider than the panel.
 *
 * @template {HTMLElement} T
 * @param {T} node
 * @param {string} label
 */
function scrollable(node, label) {
  node.tabIndex = 0;
  node.setAttribute("role", "group");
  node.setAttribute("aria-label", label);
  return node;
}

/** @param {Problem} problem */
function placeOf({ file, line, column }) {
  const position = line ? (column ? `${line}:${column}` : `${line}`) : "";
  if (file) return position ? `${file}:${position}` : file;
  return position && `line ${position}`;
}

/**
 * One sentence for a screen reader.
 *
 * @param {Problem} problem
 */
export function summaryOf(problem) {
  const place = placeOf(problem);
  return `${problem.title}: ${problem.message}${place && `, at ${place}`}`;
}

/**
 * Makes an element of the page's document that holds the text.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} [className]
 * @param {string} [text]
 */
export function element(tag, className = "", text = "") {
  // Named elements of the page hide properties of `document`, not those of its
  // prototype: an <img name="createElement"> must not stop us.
  const made = /** @type {HTMLElementTagNameMap[Tag]} */ (
    Document.prototype.createElement.call(document, tag)
  );
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}
