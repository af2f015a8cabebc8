// @ts-check
/** What people have done to elements, where changing the markup around it would undo it. */

/** What has the focus, and where its caret is. */
export class Focus {
  /** @param {Document} document */
  constructor(document) {
    this.document = document;
    this.element = document.activeElement;
    const field = /** @type {HTMLInputElement | null} */ (this.element);
    this.selection = hasCaret(field)
      ? /** @type {const} */ ([field.selectionStart, field.selectionEnd, field.selectionDirection ?? "none"])
      : undefined;
  }

  restore() {
    const { element, document } = this;
    if (!element?.isConnected || document.activeElement === element) return;
    /** @type {HTMLElement} */ (element).focus?.({ preventScroll: true });
    if (this.selection) /** @type {HTMLInputElement} */ (element).setSelectionRange(...this.selection);
  }
}

/** What was chosen in a <select>, while its options change. */
export class Choice {
  /** @param {HTMLSelectElement} select */
  constructor(select) {
    this.select = select;
    const options = [...select.options];
    const isDefault = options.every((option) => option.selected === option.defaultSelected);
    const none = !select.multiple && !options.some((option) => option.defaultSelected);
    this.chosen = isDefault || (none && select.selectedIndex <= 0) ? undefined : options.filter((o) => o.selected);
  }

  restore() {
    const left = this.chosen?.filter((option) => this.select.contains(option));
    if (!left?.length) return;
    for (const option of this.select.options) {
      const wanted = left.includes(option);
      if (option.selected !== wanted) option.selected = wanted;
    }
  }
}

/**
 * Move a child, and keep as much of its state as the browser can.
 *
 * @param {Node} parent
 * @param {Node} child
 * @param {Node | null} before
 */
export function move(parent, child, before) {
  if (child === before) return;
  const holder = /** @type {any} */ (parent);
  if (holder.moveBefore && child.isConnected && parent.isConnected) holder.moveBefore(child, before);
  else parent.insertBefore(child, before);
}

/**
 * @param {HTMLInputElement | null} field
 * @returns {field is HTMLInputElement}
 */
function hasCaret(field) {
  try {
    return typeof field?.selectionStart === "number";
  } catch {
    return false;
  }
}
