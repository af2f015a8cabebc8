// @ts-check
/** Makes elements, and puts them in place such that nobody loses their place. */

/**
 * @param {string} name
 * @param {Record<string, string | boolean | ((event: any) => void) | undefined>} [attributes] functions
 *   are listeners; what is false or missing is left out
 * @param {...(Node | string)} children
 */
export function element(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/**
 * @param {string} name
 * @param {Record<string, string | number | boolean | undefined>} [attributes]
 * @param {...(Node | string)} children
 */
export function drawn(name, attributes = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

/**
 * @template {Element} E
 * @param {E} made
 * @param {Record<string, any>} attributes
 * @param {(Node | string)[]} children
 */
function filled(made, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key, value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== undefined && value !== false) made.setAttribute(key, String(value));
  }
  made.append(...children);
  return made;
}

/**
 * Put new content in the place of old; the focus stays where it was, and so does what
 * is open.
 *
 * @param {Element} container
 * @param {(Node | string)[]} children those that get the focus again have `data-id`
 */
export function replace(container, children) {
  const active = document.activeElement;
  const id = active && container.contains(active) ? active.getAttribute("data-id") : null;
  const { scrollTop, scrollLeft } = container;
  const closed = new Map();
  for (const one of container.querySelectorAll("details[data-id]")) {
    closed.set(one.getAttribute("data-id"), one.hasAttribute("open"));
  }
  container.replaceChildren(...children);
  for (const one of container.querySelectorAll("details[data-id]")) {
    one.toggleAttribute("open", closed.get(one.getAttribute("data-id")) ?? one.hasAttribute("open"));
  }
  container.scrollTop = scrollTop;
  container.scrollLeft = scrollLeft;
  if (id === null) return;
  const same = [...container.querySelectorAll("[data-id]")].find((one) => one.getAttribute("data-id") === id);
  const heading = container.querySelector("h2[tabindex]");
  const next = same ?? heading;
  if (next instanceof HTMLElement) next.focus({ preventScroll: true });
}

/** @param {string} key of a module @returns {string} the link that selects it */
export function linkTo(key) {
  return `#/modules/${encodeURIComponent(key)}`;
}
