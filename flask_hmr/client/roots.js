// @ts-check
/** A document with all open shadow roots in it, and what is in each. */

/**
 * @param {Document | ShadowRoot} root
 * @returns {Generator<Document | ShadowRoot>} itself, and the open shadow roots in it
 */
export function* rootsOf(root) {
  yield root;
  for (const element of allIn(root, "*")) if (element.shadowRoot) yield* rootsOf(element.shadowRoot);
}

/**
 * @param {Document | ShadowRoot} root
 * @param {string} selector
 * @returns {Element[]}
 */
export function allIn(root, selector) {
  // Named elements can hide methods of the document itself.
  const query = root instanceof Document ? Document.prototype.querySelectorAll : root.querySelectorAll;
  return [...query.call(root, selector)];
}
