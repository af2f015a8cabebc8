/** Custom elements whose code can be replaced while they are in the page. */

const connected = new Set();

/**
 * An element that draws itself into a shadow root.
 *
 * A subclass has `render()`, which gives HTML, and `styles`, which gives a
 * CSSStyleSheet. It gets its events in `handleEvent(event)`.
 */
export class LiveElement extends HTMLElement {
  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open', delegatesFocus: true });
    root.addEventListener('click', this);
    root.addEventListener('input', this);
  }

  // The browser takes these two from the class when the tag is defined, and never
  // looks again. What they call is looked up each time, so that can be replaced.
  connectedCallback() {
    connected.add(this);
    this.attached();
    this.draw();
  }

  disconnectedCallback() {
    connected.delete(this);
    this.detached();
  }

  /** Called when the element comes into the page. */
  attached() {}

  /** Called when the element has left the page. */
  detached() {}

  /** Called for clicks and input in the shadow root. */
  handleEvent(event) {}

  /** Draws the element anew; what had the focus keeps it, if it has an id. */
  draw() {
    const focused = this.shadowRoot.activeElement?.id;
    this.shadowRoot.adoptedStyleSheets = [this.styles];
    this.shadowRoot.innerHTML = this.render();
    if (focused) this.shadowRoot.getElementById(focused)?.focus();
  }
}

/**
 * Defines a custom element, or replaces the code of one that is defined already.
 *
 * A tag can be defined only once in a page. So the second time, the first class takes
 * over the methods of the second, and the elements draw themselves with them; their
 * fields, and with them their state, stay. New fields, `static` members and
 * #private names need a reload, as the constructor does not run again.
 */
export function define(tag, newest) {
  const first = customElements.get(tag);
  if (!first) {
    customElements.define(tag, newest);
    return;
  }
  const { constructor, ...members } = Object.getOwnPropertyDescriptors(
    newest.prototype,
  );
  Object.defineProperties(first.prototype, members);
  for (const element of connected) {
    if (element.localName === tag) element.draw();
  }
}

/** Makes a style sheet: css`b { color: red }`. */
export function css(strings, ...values) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(String.raw({ raw: strings }, ...values));
  return sheet;
}

if (import.meta.hot) {
  // The elements of the page are made of this very LiveElement, whatever comes later.
  import.meta.hot.decline();
}
