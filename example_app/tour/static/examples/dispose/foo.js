import { log } from '../../board.js';
import { Server } from './server.js';

export let foo = new Server('Oak');

foo.start();

if (import.meta.hot) {
  import.meta.hot.accept(({ module }) => {
    foo = module.foo;
    foo.start();
    log('dispose', 'accept callback ran');
  });

  import.meta.dispose(() => {
    foo.stop();
    log('dispose', 'disposed');
  });
}
