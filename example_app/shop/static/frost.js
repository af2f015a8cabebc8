/** Counts the time down to the last frost, once a second. */

const DAY = 24 * 60 * 60 * 1000;
const place = document.querySelector('[data-last-frost]');
const [month, day] = place.dataset.lastFrost.split('-').map(Number);

function nextFrost(now) {
  const thisYear = new Date(now.getFullYear(), month - 1, day);
  return thisYear > now ? thisYear : new Date(now.getFullYear() + 1, month - 1, day);
}

function tick() {
  const now = new Date();
  const left = nextFrost(now) - now;
  const days = Math.floor(left / DAY);
  const time = new Date(left % DAY).toISOString().slice(11, 19);
  place.textContent = `${days} days ${time} to the last frost`;
}

tick();
const timer = setInterval(tick, 1000);

if (import.meta.hot) {
  import.meta.hot.accept();
  // Without this, the old clock would go on ticking beside the new one.
  import.meta.hot.dispose(() => clearInterval(timer));
}
