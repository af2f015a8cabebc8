/** Keys for the planner: / goes to the search. */

const listening = new AbortController();

function isTyping(event) {
  // The path, as the target of an event in a shadow root is its host.
  return event.composedPath().some((node) => node.matches?.('input, textarea, select'));
}

addEventListener(
  'keydown',
  (event) => {
    if (event.key !== '/' || isTyping(event)) return;
    event.preventDefault();
    document.querySelector('seed-filter').focus();
  },
  { signal: listening.signal },
);

if (import.meta.hot) {
  import.meta.hot.accept();
  import.meta.hot.dispose(() => listening.abort());
}
