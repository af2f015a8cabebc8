/** Starts the tour: imports the examples, and shows what they hold at this moment. */

// Comes first, so that the load is noted before what the examples do.
import './status.js';
import { show } from './board.js';
import './examples/accept/global.js';
import { foo as fromCallback } from './examples/accept-callback/foo.js';
import { foo as fromDeps } from './examples/accept-deps/foo.js';
import { add } from './examples/add/add.js';
import './examples/decline/global.js';
import './examples/dispose/foo.js';
import { describeServers } from './examples/dispose/server.js';
import { foo as unlessInvalid } from './examples/invalidate/foo.js';
import { colourSources, rereadSources } from './sources.js';

// An import is a live binding: each of these reads what the example exports by then.
show('add', () => add(2, 3));
show('accept', () => window.someGlobal);
show('accept-callback', () => fromCallback);
show('accept-deps', () => fromDeps);
show('invalidate', () => unlessInvalid);
show('dispose', describeServers);

colourSources();

if (import.meta.hot) {
  import.meta.hot.on('hmr:afterUpdate', rereadSources);
}
