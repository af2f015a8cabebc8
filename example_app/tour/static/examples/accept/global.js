import { log } from '../../board.js';

// will be set each time the module updates as a side-effect
window.someGlobal = 303;
log('accept', `someGlobal was set to ${window.someGlobal}`);

if (import.meta.hot) {
  import.meta.hot.accept();
}
