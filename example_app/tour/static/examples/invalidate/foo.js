import { log } from '../../board.js';

export let foo = 303;

if (import.meta.hot) {
  import.meta.hot.accept(({ module }) => {
    if (!module.foo) {
      log('invalidate', 'no foo: invalidated');
      import.meta.hot.invalidate();
    } else {
      foo = module.foo;
      log('invalidate', `accept callback ran with ${foo}`);
    }
  });
}
