import { log } from '../../board.js';

export let foo = 808;

if (import.meta.hot) {
  import.meta.hot.accept(({ module }) => {
    foo = module.foo;
    log('accept-callback', `accept callback ran with ${foo}`);
  });
}
