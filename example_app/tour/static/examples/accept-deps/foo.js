import { log } from '../../board.js';
import { add } from './add.js';

export let foo = add(10, 10);

if (import.meta.hot) {
  import.meta.hot.accept(['./add.js'], ({ deps, module }) => {
    foo = deps[0].add(10, 10);
    log('accept-deps', `accept callback ran, foo is ${foo}`);
  });
}
