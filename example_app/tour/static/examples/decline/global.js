import { log } from '../../board.js';

function doSomethingGlobal() {
  // A tag can be defined once in a page, and not again.
  class TourStamp extends HTMLElement {
    connectedCallback() {
      this.textContent = 'First edition';
    }
  }
  customElements.define('tour-stamp', TourStamp);
  log('decline', 'did something global');
}

doSomethingGlobal();

if (import.meta.hot) {
  import.meta.hot.decline();
}
