// @ts-check
/** Whether modules can be linked, and if not, where that fails. */

import { attributesOf, inParts, keyOf, ORIGIN, withoutVersions } from "./urls.js";

/**
 * @typedef {import('./problem.js').Problem} Problem
 * @typedef {{urls: string[], error: unknown}} Failure
 * @typedef {{importer: string, specifier: string, url: string, line: number, column: number,
 *   doubt: 'missing' | 'bare' | 'failed' | 'uncertain'}} DeadEnd an import that may lead
 *   nowhere, as the server tells of it: the line is 0 where it does not know the place
 */

const FRAME_LINES = 3;
const MISSING = "A module is missing";
const GOES_ON = "The page goes on when you save.";
const POLICY = 'meta[http-equiv="Content-Security-Policy" i]';
/** Longest list of modules in the URL of one check, in characters. */
const CHECK_LENGTH = 1500;
/** Most modules that one message names. */
const NAMED = 3;
/** What ends a line, also where the server counts them. */
const LINE_END = /\r\n|[\n\r\u2028\u2029]/;

export class Linker {
  #checks = 0;
  /** Whether the error that the window tells of next is the one that is looked for. */
  isDiagnosing = false;
  /** Whether modules may come from nowhere: no policy is known that forbids it. */
  mayInline = typeof document !== "undefined" && !document.querySelector(POLICY);

  /**
   * @param {URL} base of the server's own endpoints
   * @param {string | undefined} nonce that scripts need
   * @param {(key: string) => boolean} [mayHave] whether the page may have asked for a module
   */
  constructor(base, nonce, mayHave = () => true) {
    this.base = base;
    this.nonce = nonce;
    this.mayHave = mayHave;
  }

  /**
   * Link modules without evaluating any.
   *
   * A small module imports them all and then a name that does not exist. If that is what
   * linking stumbles over, everything before it is in order.
   *
   * @param {string[]} urls
   * @returns {Promise<Failure | undefined>}
   */
  async link(urls) {
    if (this.mayInline && !(await this.#check(urls, this.#inline(urls)))) return undefined;
    const parts = inParts(urls, CHECK_LENGTH);
    const failures = await Promise.all(parts.map((part) => this.#check(part, this.#url(part))));
    const failure = failures.find((one) => one);
    // Something stands between that writes a policy of its own.
    if (!failure) this.mayInline = false;
    return failure;
  }

  /**
   * @param {string[]} urls
   * @param {string} check the module that imports them
   * @returns {Promise<Failure | undefined>}
   */
  async #check(urls, check) {
    try {
      await import(check);
    } catch (error) {
      const message = String(/** @type {any} */ (error)?.message);
      if (!message.includes("linked.js") || !message.includes("'linked'")) return { urls, error };
    }
    return undefined;
  }

  /** @param {string[]} urls @returns {string} a module that needs no request */
  #inline(urls) {
    const lines = urls.map((url) => {
      const type = attributesOf(url)?.with?.type;
      return `import${JSON.stringify(new URL(url, ORIGIN))}${type ? `with{type:"${type}"}` : ""};`;
    });
    lines.push(`import{linked}from${JSON.stringify(new URL("linked.js", this.base))};//${++this.#checks}`);
    return `data:text/javascript,${encodeURIComponent(lines.join(""))}`;
  }

  /** @param {string[]} urls @returns {string} the same, from the server */
  #url(urls) {
    const url = new URL("check.js", this.base);
    for (const item of urls) url.searchParams.append("url", item);
    url.searchParams.append("n", `${performance.timeOrigin}-${++this.#checks}`);
    return url.href;
  }

  /**
   * Find out where linking failed: only the error event of the window tells.
   *
   * @param {string[]} urls
   * @param {any} error
   * @returns {Promise<Problem>}
   */
  async diagnose(urls, error) {
    const title = error instanceof SyntaxError ? "Syntax error" : "A module cannot be loaded";
    const problem = { title, message: withoutVersions(String(error?.message ?? error)) };
    if (typeof document === "undefined") return problem;
    const script = document.createElement("script");
    script.type = "module";
    script.src = this.#url(urls);
    if (this.nonce) script.nonce = this.nonce;
    this.isDiagnosing = true;
    const place = await new Promise((resolve) => {
      /** @param {ErrorEvent} event */
      const onError = (event) => {
        if (event.target === script || event.filename) {
          event.preventDefault();
          event.stopImmediatePropagation();
          removeEventListener("error", onError, true);
          resolve(event);
        }
      };
      addEventListener("error", onError, true);
      document.head.append(script);
    });
    this.isDiagnosing = false;
    script.remove();
    if (this.locates(place)) return { ...problem, ...(await this.locate(place)) };
    const keys = urls.flatMap((url) => keyOf(new URL(url, this.base).href)?.key ?? []);
    return (await this.#deadEnd(keys)) ?? (await unanswered(keys, this.base)) ?? this.#worded(problem, keys);
  }

  /**
   * Tell whether an error says where in the app's code it comes from.
   *
   * @param {Event} event
   * @returns {event is ErrorEvent}
   */
  locates(event) {
    // Where an import cannot be resolved, it names the document, and no line.
    if (!(event instanceof ErrorEvent) || !event.lineno) return false;
    return !event.filename.startsWith(this.base.href);
  }

  /**
   * Find the place of an error in the file that it comes from.
   *
   * @param {ErrorEvent} event
   */
  async locate({ filename, message, lineno: line, colno: column }) {
    const file = keyOf(filename)?.key ?? filename;
    const found = { message: withoutVersions(message.replace(/^Uncaught /, "")), file, line };
    const own = await this.#ownPlace(filename, file, line, column);
    return { ...found, column, frame: own ? undefined : await frameOf(filename, line), ...own };
  }

  /**
   * @param {string} url under which the text was sent
   * @param {string} file
   * @param {number} line
   * @param {number} column
   */
  async #ownPlace(url, file, line, column) {
    // Before what is sent comes what the plugins made of the file.
    const text = (await this.#texts(file)).at(-2);
    if (text === undefined) return undefined;
    const lines = linesOf(text);
    const sent = await fetch(url).then((answer) => answer.text(), () => "");
    const own = columnIn(linesOf(sent)[line - 1] ?? "", lines[line - 1] ?? "", column);
    return own === undefined ? undefined : { column: own, frame: frameIn(lines, line) };
  }

  /**
   * Find the import that leads nowhere, where the browser does not name it.
   *
   * @param {string[]} keys
   * @returns {Promise<Problem | undefined>}
   */
  async #deadEnd(keys) {
    const url = new URL("dead-ends", this.base);
    for (const key of keys) url.searchParams.append("url", key);
    try {
      /** @type {{imports: DeadEnd[]}} */
      const { imports } = await (await fetch(url)).json();
      for (const found of imports) {
        const { importer: file, line, column } = found;
        // What leads to a module from above may be in other pages only.
        if (keys.includes(found.url) && !this.mayHave(file)) continue;
        const why = await wrongWith(found, this.base);
        if (!why) continue;
        const place = line ? { line, column, frame: await this.#ownFrame(found) } : {};
        return { title: MISSING, file, ...place, ...why };
      }
    } catch {
      // The server has gone: what the browser said has to do.
    }
    return undefined;
  }

  /**
   * The code around an import as its place counts: in the file, not in what is sent.
   *
   * @param {DeadEnd} found
   */
  async #ownFrame({ importer, specifier, line, column }) {
    const texts = (await this.#texts(importer)).map(linesOf);
    // Where a plugin has moved it, the place is that in what the plugins made of the file.
    const lines = texts.find((one) => one[line - 1]?.startsWith(specifier, column)) ?? texts.at(-2);
    return lines ? frameIn(lines, line) : frameOf(ORIGIN + importer, line);
  }

  /**
   * @param {string} key
   * @returns {Promise<string[]>} a module's text as it is in the file, after each plugin, and
   *   as it is sent; nothing where the server does not show it
   */
  async #texts(key) {
    const url = new URL("inspector/source", this.base);
    url.searchParams.append("url", key);
    try {
      const { token } = await (await fetch(new URL("session", this.base), { cache: "no-store" })).json();
      const { stages } = await (await fetch(url, { headers: { "HMR-Token": token } })).json();
      return stages.map((/** @type {{text: string}} */ { text }) => text);
    } catch {
      return [];
    }
  }

  /**
   * The message of the browser, which knows nothing but the module that made the check.
   *
   * @param {Problem} problem
   * @param {string[]} keys that were checked
   */
  #worded(problem, keys) {
    if (!problem.message.includes(new URL("check.js", this.base).href)) return problem;
    const more = keys.length > NAMED ? ` and ${keys.length - NAMED} more` : "";
    const names = keys.slice(0, NAMED).join(", ") + more;
    return { ...problem, message: `The browser cannot load ${names}, with all that is imported there, and does not say why.` };
  }
}

/**
 * @param {DeadEnd} found
 * @param {URL} base of the server's own endpoints
 * @returns {Promise<{title?: string, message: string, hint: string} | undefined>}
 */
async function wrongWith({ importer, specifier, url, doubt }, base) {
  if (doubt === "missing") {
    const message = `${importer} imports ${url}, and there is no such file.`;
    return { message, hint: `Create the file, or change the import. ${GOES_ON}` };
  }
  if (doubt === "bare") {
    const message = `${importer} imports "${specifier}", a bare name that no import map explains.`;
    return { message, hint: `Begin a path with "./" or "/", or add an import map. ${GOES_ON}` };
  }
  if (doubt === "failed") {
    const title = "A plugin makes no module of it";
    const message = `${importer} imports ${url}, and the plugin that makes a module of it has failed.`;
    return { title, message, hint: `What is wrong stands in the plugin's own message. ${GOES_ON}` };
  }
  const answer = await fetch(ORIGIN + url);
  return answer.ok ? wrongType(importer, url, answer) : refusal(importer, url, answer, base);
}

/**
 * Find out whether what the server sends is no JavaScript.
 *
 * @param {string} importer
 * @param {string} url
 * @param {Response} answer
 */
function wrongType(importer, url, { headers }) {
  const type = headers.get("Content-Type")?.split(";", 1)[0] ?? "no type";
  if (/^(text|application)\/(x-)?(java|ecma)script$/i.test(type)) return undefined;
  const title = "This is no JavaScript module";
  const message = `${importer} imports ${url}, which the server sends as ${type}.`;
  return { title, message, hint: `${otherWay(type)} ${GOES_ON}` };
}

/** @param {string} type of what is no module @returns {string} how a module gets at it */
function otherWay(type) {
  const [, attribute] = /[/+](json|css)$/.exec(type) ?? [];
  if (attribute) return `Write import name from "…" with { type: "${attribute}" }.`;
  return 'To get its URL, write new URL("./file", import.meta.url); to import it takes a plugin that makes a module of it.';
}

/**
 * Find a module that is not to be had, where none is known to import it.
 *
 * @param {string[]} keys
 * @param {URL} base of the server's own endpoints
 * @returns {Promise<Problem | undefined>}
 */
async function unanswered(keys, base) {
  for (const key of keys) {
    try {
      const answer = await fetch(ORIGIN + key);
      if (!answer.ok) return { title: MISSING, ...refusal("This page", key, answer, base) };
      const why = attributesOf(key) ? undefined : wrongType("This page", key, answer);
      if (why) return why;
    } catch {
      // The server has gone.
    }
  }
  return undefined;
}

/**
 * @param {string} importer
 * @param {string} url
 * @param {Response} answer
 * @param {URL} base of the server's own endpoints
 */
function refusal(importer, url, { status }, base) {
  const [, name] = url.split(`${base.pathname}module/`);
  if (name && status === 404) {
    const message = `${importer} imports @hmr/${name}, and no plugin has a module of that name.`;
    return { message, hint: `Mend the name, or load() of the plugin. ${GOES_ON}` };
  }
  const message = `${importer} imports ${url}, which the server answers with ${status}.`;
  return { message, hint: `Mend the address, or what answers there. ${GOES_ON}` };
}

/**
 * @param {string} url
 * @param {number} line
 */
async function frameOf(url, line) {
  try {
    const text = await (await fetch(url)).text();
    return frameIn(linesOf(withoutVersions(text)), line);
  } catch {
    return undefined;
  }
}

/**
 * Find the column that a place has in the file, by what follows it in the line as it was
 * sent: that has the versions of imports, and the first one what takes part begins with.
 *
 * @param {string} sent the line
 * @param {string} own the same, in the file
 * @param {number} column from 1, in the line that was sent
 * @returns {number | undefined} nothing where the lines do not belong together
 */
function columnIn(sent, own, column) {
  const [before, rest] = [sent.slice(0, column), sent.slice(column - 1)].map(asWritten);
  const line = asWritten(own);
  if (line.endsWith(rest)) return line.length - rest.length + 1;
  // What was put in comes after it.
  return line.startsWith(before) ? before.length : undefined;
}

/** @param {string} text in which specifiers have no versions, and quotes of one kind */
function asWritten(text) {
  return withoutVersions(text).replaceAll("'", '"');
}

/** @param {string[]} lines @param {number} line */
function frameIn(lines, line) {
  const start = Math.max(1, line - FRAME_LINES);
  return { start, lines: lines.slice(start - 1, line + FRAME_LINES) };
}

/** @param {string} text */
function linesOf(text) {
  // A byte order mark is counted nowhere.
  return text.replace(/^\ufeff/, "").split(LINE_END);
}
