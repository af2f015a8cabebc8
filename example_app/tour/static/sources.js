/** The code in the cards, coloured, and kept as it is on disk. */

import { html } from 'furrow/html';

const KEYWORDS =
  'import|from|export|let|const|class|extends|function|return|new|if|else|this';
const TOKEN = new RegExp(
  [
    String.raw`(?<comment>//.*|/\*.*?\*/)`,
    '(?<string>\'[^\']*\'|`[^`]*`)',
    String.raw`(?<keyword>\b(?:${KEYWORDS})\b)`,
    String.raw`(?<number>\b\d+\b)`,
  ].join('|'),
  'g',
);

const places = [...document.querySelectorAll('[data-source]')];

/** Colours the code that came with the page. */
export function colourSources() {
  for (const place of places) draw(place, place.textContent);
}

/** Shows the files as they are now. */
export function rereadSources() {
  for (const place of places) reread(place);
}

async function reread(place) {
  const response = await fetch(place.dataset.source);
  if (!response.ok) return;
  const text = await response.text();
  if (text !== place.textContent) draw(place, text);
}

function draw(place, text) {
  const lines = text.split('\n');
  const { find, replace } = place.dataset;
  place.innerHTML = html`${lines.map((line, index) => {
    const ending = index < lines.length - 1 ? '\n' : '';
    const code = html`${colour(line)}${ending}`;
    const isMarked = find && (line.includes(find) || line.includes(replace));
    return isMarked ? html`<mark>${code}</mark>` : code;
  })}`;
}

function colour(line) {
  const parts = [];
  let end = 0;
  for (const { 0: token, index, groups } of line.matchAll(TOKEN)) {
    const [kind] = Object.entries(groups).find(([, found]) => found);
    parts.push(line.slice(end, index), html`<i class="${kind}">${token}</i>`);
    end = index + token.length;
  }
  return [...parts, line.slice(end)];
}
