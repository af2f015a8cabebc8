/** Starts the planner: what is imported here is what the page is made of. */

import './elements/seed-filter.js';
import './elements/sow-button.js';
import './elements/sowing-plan.js';
import './frost.js';
import './shortcuts.js';
