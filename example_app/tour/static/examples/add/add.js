import { log } from '../../board.js';

/** Adds two numbers */
export let add = (a, b) => {
  return a + b;
};

if (import.meta.hot) {
  import.meta.hot.accept(({ module }) => {
    add = module.add;
    log('add', 'accept callback ran');
  });
}
