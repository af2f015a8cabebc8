/** <sow-button seed="carrot">: adds rows of a seed to the plan. */

import { css, define, LiveElement } from 'furrow/element';
import { html } from 'furrow/html';

import { seedOf } from '../model/catalogue.js';
import { addRows, rowsOf, subscribe, unsubscribe } from '../model/plan.js';

class SowButton extends LiveElement {
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
    if (type === 'click' && button) addRows(this.slug, Number(button.value));
  }

  render() {
    const { name } = seedOf(this.slug);
    const rows = rowsOf(this.slug);
    if (rows === 0) {
      return html`
        <button id="more" value="1" aria-label="Sow a row of ${name}">Sow a row</button>
      `;
    }
    return html`
      <div>
        <button id="less" value="-1" aria-label="One row of ${name} less">−</button>
        <span>${rows} ${rows === 1 ? 'row' : 'rows'}</span>
        <button id="more" value="1" aria-label="One row of ${name} more">+</button>
      </div>
    `;
  }

  get slug() {
    return this.getAttribute('seed');
  }

  get styles() {
    return styles;
  }
}

const styles = css`
  :host {
    display: block;
  }
  button {
    font: inherit;
    font-weight: 600;
    color: var(--accent);
    background: none;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    width: 100%;
    padding: 0.45rem;
    cursor: pointer;
  }
  button:hover {
    border-color: var(--accent);
  }
  button:focus-visible {
    outline: 2px solid var(--accent);
    outline-offset: 2px;
  }
  div {
    display: grid;
    grid-template-columns: 2.5rem 1fr 2.5rem;
    align-items: center;
    text-align: center;
    border-radius: var(--radius);
    background: var(--accent);
    color: var(--on-accent);
    font-weight: 600;
  }
  div button {
    color: inherit;
    border-color: transparent;
  }
`;

define('sow-button', SowButton);

if (import.meta.hot) {
  import.meta.hot.accept();
}
