/** <seed-filter>: hides the seeds of the page that are not asked for. */

import { css, define, LiveElement } from 'furrow/element';
import { html } from 'furrow/html';

import { seedOf } from '../model/catalogue.js';
import * as match from '../model/match.js';
import { MONTHS } from '../model/months.js';

let { matches } = match;

class SeedFilter extends LiveElement {
  asked = { text: '', kind: '', month: 0 };

  handleEvent({ type, target: { name, value } }) {
    if (type !== 'input') return;
    this.asked[name] = name === 'month' ? Number(value) : value;
    this.apply();
  }

  draw() {
    super.draw();
    this.apply();
  }

  apply() {
    const items = [...document.querySelectorAll('[data-seed]')];
    for (const item of items) {
      item.hidden = !matches(seedOf(item.dataset.seed), this.asked);
    }
    const all = items.length;
    const found = items.filter((item) => !item.hidden).length;
    this.shadowRoot.querySelector('output').textContent =
      found === all ? `All ${all} seeds` : `${found} of ${all} seeds`;
  }

  render() {
    const { text, kind, month } = this.asked;
    return html`
      <input
        id="text"
        type="search"
        name="text"
        value="${text}"
        placeholder="Search seeds"
        aria-label="Search seeds"
        aria-keyshortcuts="/"
      />
      <kbd title="Press / to search">/</kbd>
      <select id="month" name="month" aria-label="Month of sowing">
        <option value="0">Any month</option>
        ${MONTHS.map(
          (name, index) => html`
            <option value="${index + 1}" ${index + 1 === month && 'selected'}>
              Sow in ${name}
            </option>
          `,
        )}
      </select>
      <fieldset>
        <legend>Kind</legend>
        ${this.kinds.map(
          ([value, label]) => html`
            <label>
              <input
                id="kind-${value}"
                type="radio"
                name="kind"
                value="${value}"
                ${value === kind && 'checked'}
              />
              <span>${label}</span>
            </label>
          `,
        )}
      </fieldset>
      <output></output>
    `;
  }

  get kinds() {
    return [['', 'All'], ...JSON.parse(this.getAttribute('kinds'))];
  }

  get styles() {
    return styles;
  }
}

const styles = css`
  :host {
    display: grid;
    grid-template-columns: 1fr auto;
    gap: 0.75rem;
    align-items: center;
    position: relative;
  }
  input[type='search'],
  select {
    font: inherit;
    color: inherit;
    background: var(--surface);
    border: 1px solid var(--line);
    border-radius: var(--radius);
    padding: 0 0.85rem;
    height: 2.9rem;
    min-width: 0;
  }
  input[type='search'] {
    padding-inline-end: 2.5rem;
    grid-area: 1 / 1;
  }
  kbd {
    grid-area: 1 / 1;
    justify-self: end;
    margin-inline-end: 0.75rem;
    font: 0.8rem var(--mono);
    color: var(--quiet);
    border: 1px solid var(--line);
    border-radius: 0.3rem;
    padding: 0.05rem 0.4rem;
    pointer-events: none;
  }
  input[type='search']:focus + kbd {
    display: none;
  }
  fieldset {
    border: 0;
    margin: 0;
    padding: 0;
    display: flex;
    flex-wrap: wrap;
    gap: 0.4rem;
  }
  legend,
  input[type='radio'] {
    position: absolute;
    opacity: 0;
    pointer-events: none;
  }
  label span {
    display: block;
    padding: 0.3rem 0.8rem;
    border-radius: 2rem;
    border: 1px solid var(--line);
    font-size: 0.9rem;
    cursor: pointer;
  }
  label:hover span {
    border-color: var(--accent);
  }
  :checked + span {
    background: var(--accent);
    border-color: var(--accent);
    color: var(--on-accent);
  }
  :focus-visible,
  :focus-visible + span {
    outline: 2px solid var(--accent);
    outline-offset: 2px;
  }
  output {
    color: var(--quiet);
    font-size: 0.9rem;
    white-space: nowrap;
  }
  @media (max-width: 32rem) {
    :host {
      grid-template-columns: 1fr;
    }
  }
`;

define('seed-filter', SeedFilter);

if (import.meta.hot) {
  import.meta.hot.accept();
  import.meta.hot.accept(['../model/match.js'], ({ deps }) => {
    matches = deps[0].matches;
    document.querySelector('seed-filter').apply();
  });
}
