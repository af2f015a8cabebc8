/** The line that tells whether the page was reloaded. */

import { log, refresh } from './board.js';
import { clearEvents } from './events.js';

const LOADS = 'tour-loads';
const bar = document.querySelector('.status');

function countLoad() {
  const loads = Number(sessionStorage.getItem(LOADS)) + 1;
  sessionStorage.setItem(LOADS, loads);
  put('loads', loads === 1 ? 'once' : `${loads} times`);
  log(null, 'page loaded');
}

function startAgain() {
  sessionStorage.removeItem(LOADS);
  clearEvents();
  countLoad();
}

function tick() {
  put('open', Math.floor(performance.now() / 1000));
  refresh();
}

function put(name, text) {
  bar.querySelector(`[data-status="${name}"]`).textContent = text;
}

const isHot = Boolean(import.meta.hot);
bar.dataset.hot = isHot ? 'on' : 'off';
put('hot', isHot ? 'on' : 'off');

countLoad();
tick();
setInterval(tick, 1000);
bar.querySelector('button').addEventListener('click', startAgain);
