// @ts-check
/**
 * Hands what the page writes to its console on to the terminal of the server.
 *
 * Stands in for `client.js` in pages of an app with `HMR_FORWARD_CONSOLE`; all others
 * never load it. The console itself works as before.
 */

// @ts-expect-error: to TypeScript this name means the declarations for developers.
import * as runtime from "./client.js";
import { withoutVersions } from "./urls.js";
import { LONGEST, errorText, wordingOf } from "./wording.js";

/** How long lines are gathered, in milliseconds. */
const GATHER = 100;
/** What may be handed on: so many lines at once, and so many in each second from then on. */
const BURST = 50;
const LINES = 10;
/** Characters, and milliseconds that it may take, in one second. */
const SECOND = 1000;
const CHARACTERS = 20_000;
const EFFORT = 200;

const METHODS = /** @type {const} */ (["debug", "log", "info", "warn", "error"]);
const OWN = "[hmr] ";
const PLACE = /((?:https?|blob|data):[^\s()]+?):(\d+):(\d+)\)?$/;
const RUNTIME = new URL("./", import.meta.url).href;

/** @type {{page: import('./page.js').Page, send: (message: object) => void}} */
const { page, send } = runtime;

/** @typedef {{level: string, text: string, file?: string, line?: number, column?: number}} Line */

/** Tells this load of this tab from others. */
const name = Math.random().toString(36).slice(2, 10);
/** @type {Line[]} */
let lines = [];
/** Lines that were left out since something was handed on. */
let left = 0;
/** When that was told last. */
let toldLeft = -Infinity;
/** Lines that may still be handed on, and when that was counted. */
let credit = BURST;
let counted = performance.now();
/** When the present second began, and what was used of what is allowed in one. */
let began = -Infinity;
let [characters, effort] = [0, 0];
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
/** Whether a line is being made: what that writes to the console is not handed on. */
let isBusy = false;

const wanted = new Set(page.mark.console);

for (const level of METHODS) {
  if (!wanted.has(level)) continue;
  // Whoever looks at it sees the browser's own function.
  console[level] = new Proxy(console[level], {
    apply(original, that, values) {
      const result = Reflect.apply(original, that, values);
      if (typeof values[0] !== "string" || !values[0].startsWith(OWN)) {
        take(() => ({ level, text: wordingOf(values), ...placeIn(new Error().stack) }));
      }
      return result;
    },
  });
}

if (wanted.has("error")) {
  addEventListener("error", (event) => {
    // What keeps the page from loading, or an update from being made, is there already.
    if (!(event instanceof ErrorEvent) || page.tells(event)) return;
    const { filename, lineno, colno, error, message } = event;
    take(() => ({
      level: "uncaught",
      text: error instanceof Error ? errorText(error) : message,
      ...(filename ? { file: filename, line: lineno, column: colno } : {}),
    }));
  });
  addEventListener("unhandledrejection", ({ reason }) => {
    take(() => ({
      level: "rejection",
      text: reason instanceof Error ? errorText(reason) : wordingOf([reason]),
      ...(reason instanceof Error ? placeIn(reason.stack) : {}),
    }));
  });
}
// The page may go on elsewhere: what it said until then counts.
addEventListener("pagehide", flush);

/** @param {() => Line} make */
function take(make) {
  if (isBusy) return;
  const start = performance.now();
  if (start - began >= SECOND) {
    began = start;
    [characters, effort] = [0, 0];
  }
  credit = Math.min(BURST, credit + ((start - counted) / SECOND) * LINES);
  counted = start;
  timer ??= setTimeout(flush, GATHER);
  if (credit < 1 || characters > CHARACTERS || effort > EFFORT) {
    left++;
    return;
  }
  credit--;
  isBusy = true;
  try {
    const line = make();
    line.text = withoutVersions(line.text).slice(0, LONGEST);
    characters += line.text.length;
    lines.push(line);
  } catch {
    // Values may do anything when they are looked at.
    left++;
  } finally {
    isBusy = false;
    effort += performance.now() - start;
  }
}

/** @param {Event} [leaving] */
function flush(leaving) {
  clearTimeout(timer);
  timer = undefined;
  const now = performance.now();
  const tells = left > 0 && (leaving || now - toldLeft >= SECOND);
  // A page in a loop is told of once a second.
  if (left && !tells) timer = setTimeout(flush, toldLeft + SECOND - now);
  if (!lines.length && !tells) return;
  send({
    type: "console",
    page: (location.pathname + location.search).slice(0, 200),
    name,
    lines,
    left: tells ? left : 0,
  });
  lines = [];
  if (tells) [left, toldLeft] = [0, now];
}

/**
 * The first place in a stack that is not the client runtime's.
 *
 * @param {unknown} stack
 */
function placeIn(stack) {
  for (const entry of typeof stack === "string" ? stack.slice(0, 10_000).split("\n") : []) {
    const found = PLACE.exec(entry);
    if (!found || found[1].startsWith(RUNTIME)) continue;
    return { file: found[1].slice(0, 1000), line: Number(found[2]), column: Number(found[3]) };
  }
  return {};
}
