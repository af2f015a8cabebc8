/** HTML as a tagged template, with every value in it escaped. */

const ESCAPES = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A piece of HTML, which may stand inside other HTML as it is. */
class Markup {
  constructor(text) {
    this.text = text;
  }

  toString() {
    return this.text;
  }
}

/**
 * Writes HTML: html`<b>${name}</b>`.
 *
 * Lists are joined; null, undefined and false leave nothing behind.
 */
export function html(strings, ...values) {
  return new Markup(String.raw({ raw: strings }, ...values.map(textOf)));
}

function textOf(value) {
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(textOf).join('');
  if (value === null || value === undefined || value === false) return '';
  return String(value).replace(/[&<>"']/g, (character) => ESCAPES[character]);
}
