/** <sowing-plan name="seeds">: shows the plan, and gives it to the form around it. */

import { css, define, LiveElement } from 'furrow/element';
import { html } from 'furrow/html';

import { seedOf } from '../model/catalogue.js';
import { nameOf } from '../model/months.js';
import { calendarOf, needsOf } from '../model/needs.js';
import { addRows, allRows, subscribe, unsubscribe } from '../model/plan.js';

class SowingPlan extends LiveElement {
  static formAssociated = true;

  internals = this.attachInternals();

  attached() {
    subscribe(this);
  }

  detached() {
    unsubscribe(this);
  }

  handleEvent({ type, target }) {
    if (type === 'planchange') {
      this.draw();
      return;
    }
    const button = target.closest('button');
    if (type === 'click' && button) addRows(button.name, -Number(button.value));
  }

  draw() {
    super.draw();
    this.internals.setFormValue(allRows().map((row) => row.join(':')).join());
  }

  render() {
    const rows = allRows();
    if (rows.length === 0) {
      return html`<p class="empty">Nothing yet. Sow a row of something.</p>`;
    }
    const { metres, seeds } = needsOf(rows);
    return html`
      <ul>
        ${rows.map(([slug, count]) => this.renderRow(seedOf(slug), count))}
      </ul>
      <dl>
        <div><dt>Bed</dt><dd>${metres} m</dd></div>
        <div><dt>Seeds</dt><dd>${seeds}</dd></div>
      </dl>
      <ol>
        ${calendarOf(rows, new Date().getMonth() + 1).map(
          ({ month, seeds }) => html`
            <li>
              <b>${nameOf(month)}</b>
              <span>${seeds.map((seed) => seed.name).join(', ')}</span>
            </li>
          `,
        )}
      </ol>
    `;
  }

  renderRow({ slug, name, variety }, count) {
    return html`
      <li>
        <span>${name} <small>${variety}</small></span>
        <span>× ${count}</span>
        <button
          type="button"
          id="drop-${slug}"
          name="${slug}"
          value="${count}"
          aria-label="Drop ${name}"
        >
          ×
        </button>
      </li>
    `;
  }

  get styles() {
    return styles;
  }
}

const styles = css`
  :host {
    display: block;
  }
  ul,
  ol {
    list-style: none;
    margin: 0;
    padding: 0;
  }
  ul li {
    display: grid;
    grid-template-columns: 1fr auto auto;
    gap: 0.5rem;
    align-items: center;
    padding-block: 0.4rem;
    border-bottom: 1px solid var(--line);
  }
  small {
    color: var(--quiet);
  }
  button {
    font: inherit;
    line-height: 1;
    color: var(--quiet);
    background: none;
    border: 0;
    border-radius: 0.3rem;
    padding: 0.3rem 0.45rem;
    cursor: pointer;
  }
  button:hover {
    color: var(--warm);
  }
  button:focus-visible {
    outline: 2px solid var(--accent);
  }
  dl {
    display: grid;
    grid-template-columns: 1fr 1fr;
    gap: 0.5rem;
    margin: 0.9rem 0;
  }
  dl div {
    background: var(--tint);
    border-radius: var(--radius);
    padding: 0.5rem 0.75rem;
  }
  dt {
    color: var(--quiet);
    font-size: 0.8rem;
  }
  dd {
    margin: 0;
    font-size: 1.3rem;
    font-variant-numeric: tabular-nums;
  }
  ol li {
    display: grid;
    grid-template-columns: 6rem 1fr;
    font-size: 0.9rem;
    padding-block: 0.15rem;
  }
  b {
    font-weight: 600;
    color: var(--accent);
  }
  .empty {
    margin: 0;
    padding: 1.25rem;
    text-align: center;
    color: var(--quiet);
    border: 1px dashed var(--line);
    border-radius: var(--radius);
  }
`;

define('sowing-plan', SowingPlan);

if (import.meta.hot) {
  import.meta.hot.accept();
}
