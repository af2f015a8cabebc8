// @ts-check
/**
 * Waits for a server that stays, before the page is loaded again.
 *
 * When Python code and modules are saved together, the reloader ends the process that has
 * just told the page to reload. What that process was sending is cut off: the page would
 * be half a document, or the browser's own page about an empty response.
 */

/** Milliseconds that a process may take to go. */
const PATIENCE = 5000;
/** Milliseconds between two questions. */
const PAUSE = 50;

/**
 * @param {URL | string} base of the server's own URLs
 * @returns {Promise<void>} resolved when it answers, and will not end at once
 */
export async function steady(base) {
  const start = performance.now();
  for (;;) {
    const answer = await ask(new URL("session", base));
    if (answer && !(answer.leaving && performance.now() - start < PATIENCE)) return;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

/**
 * @param {URL} url
 * @returns {Promise<{leaving?: boolean} | undefined>} nothing where no server answers
 */
async function ask(url) {
  let response;
  try {
    response = await fetch(url, { cache: "no-store" });
  } catch {
    return undefined;
  }
  // A login page, or something in front of the app, is an answer as well.
  return response.json().catch(() => ({}));
}
