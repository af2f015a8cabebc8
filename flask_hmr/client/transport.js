// @ts-check
/**
 * The connection to the server: by the best transport that works, and back by itself.
 *
 * It says which change of which server process the page has seen, and is told what
 * changed since.
 */

import { Polling } from "./polling.js";
import { SocketTransport } from "./socket.js";
import { canShare } from "./stream.js";

const FIRST_DELAY = 50;
/** How long it is tried often, and how often then and later, in milliseconds. */
const SOON = 20_000;
const LONGEST_DELAY = 250;
const LATER_DELAY = 2000;
/** Pauses after answers that were errors: the terminal shows each of them, with its traceback. */
const BROKEN_DELAY = 1000;
const LONGEST_BROKEN_DELAY = 5000;
/** How often it is looked whether the page has loaded what the server may not know of. */
const LOOK = 1000;
/** Times that a transport may fail to open before the next one is tried. */
const TRIES = 2;
/** Characters of what the page holds in one message. */
const HELD_LENGTH = 30_000;

/**
 * @typedef {{token: string, session: string, transports: string[], several?: boolean,
 *   code?: string, invalidate: string, policy: boolean}} Server what it says of itself
 * @typedef {{opened(): void, message(message: any): void, closed(): void, refused(name: string): void,
 *   introduction(): object[]}} Shell what a transport tells of
 * @typedef {{send(message: object): void, grown(): void}} Transport
 */

export class Connection {
  /** @type {Transport | undefined} */
  #transport;
  #delay = FIRST_DELAY;
  #brokenDelay = BROKEN_DELAY;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** When the server was found to be away. @type {number | undefined} */
  #goneAt;
  /** Messages for a server that is not there. @type {object[]} */
  #waiting = [];
  /** Messages that came before the answer to hello. @type {any[] | undefined} */
  #early = [];
  /** The last change that was seen, by server process. @type {Map<string, number>} */
  #seen = new Map();
  /** What has failed to open: its name, by which process it was offered, and how often. */
  #failed = { name: "", session: "", times: 0 };

  /**
   * @param {URL} base of the server's own endpoints
   * @param {{session?: string, seq?: number, code?: string}} mark what the page has seen
   * @param {{hello(): object, held(): [string, string][], shown(): object[], count(): number,
   *   message(message: any): void, connected(server: Server, transport: string): void, disconnected(): void,
   *   foreign(): void, gone(): void, broken(status: number, text: string): void}} shell
   */
  constructor(base, mark, shell) {
    this.base = base;
    this.session = mark.session;
    this.code = mark.code;
    if (mark.session && mark.seq !== undefined) this.#seen.set(mark.session, mark.seq);
    this.shell = shell;
  }

  /** Try at once, if the next try is still to come: somebody looks at the page. */
  hurry() {
    if (this.#timer !== undefined) this.connect();
  }

  async connect() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    try {
      const answer = await fetch(new URL("session", this.base), { cache: "no-store" });
      if (answer.ok) return this.#open(await answer.json());
      this.shell.broken(answer.status, await answer.text());
      this.#timer = setTimeout(() => this.connect(), this.#brokenDelay);
      this.#brokenDelay = Math.min(this.#brokenDelay * 1.5, LONGEST_BROKEN_DELAY);
    } catch {
      this.shell.gone();
      this.#later();
    }
  }

  /** @param {object} message */
  send(message) {
    if (this.#transport && !this.#early) this.#transport.send(message);
    else if (this.#waiting.length < 1000) this.#waiting.push(message);
  }

  /** @param {Server} server */
  #open(server) {
    const name = chosen(server.transports, this.base);
    this.#early = [];
    let hasOpened = false;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    let timer;
    /** @type {Shell} */
    const shell = {
      opened: () => {
        hasOpened = true;
        this.#failed.times = 0;
        if (server.several) timer = this.#lookAfterNews();
        const { session } = this;
        const seq = this.#seen.get(session ?? "");
        transport.send({ type: "hello", session, seq, ...this.shell.hello() });
      },
      message: (message) => this.#receive(transport, message, server, name),
      closed: () => {
        clearInterval(timer);
        if (this.#transport !== transport) return;
        this.#transport = undefined;
        if (!hasOpened) {
          this.#notOpened(name, server);
          return this.connect();
        }
        if (!this.#early) this.shell.disconnected();
        this.shell.gone();
        this.#later();
      },
      introduction: () => this.#introduction(),
      refused: (which) => refuse(which, this.base),
    };
    const transport = made(name, this.base, server, shell);
    this.#transport = transport;
  }

  /**
   * Take note that a transport could not be opened. The server may have restarted just
   * then; where the same one is still there, it is of no use to try it again.
   *
   * @param {string} name
   * @param {Server} server that offered it
   */
  #notOpened(name, { session, several }) {
    const times = this.#failed.name === name ? this.#failed.times + 1 : 1;
    const wasThere = several || this.#failed.session === session;
    this.#failed = { name, session, times };
    if (times >= TRIES && wasThere) refuse(name, this.base);
  }

  /** Tell, from time to time, of what was loaded: another process may have answered. */
  #lookAfterNews() {
    let count = this.shell.count();
    return setInterval(() => {
      if (this.#early || count === this.shell.count()) return;
      count = this.shell.count();
      this.#transport?.grown();
    }, LOOK);
  }

  /** All that a process has to know of the page which has never seen it. */
  #introduction() {
    const hello = { type: "hello", follows: true, ...this.shell.hello() };
    return [hello, ...parts(this.shell.held()), ...this.shell.shown()];
  }

  /**
   * @param {Transport} transport
   * @param {any} message
   * @param {Server} server
   * @param {string} name of the transport
   */
  #receive(transport, message, server, name) {
    if (message.type === "ping") {
      transport.send({ type: "pong" });
    } else if (message.type === "foreign") {
      // Among several processes, another one is no new one.
      if (!message.code || message.code !== this.code) this.shell.foreign();
      this.code = message.code;
      const said = server.several ? this.#introduction() : parts(this.shell.held());
      for (const part of said) transport.send(part);
    } else if (this.#early && message.answer) {
      this.#inStep(message, server, name);
    } else if (this.#early) {
      this.#early.push(message);
    } else {
      this.#deliver(message);
    }
  }

  /**
   * @param {any} message
   * @param {Server} server
   * @param {string} name of the transport
   */
  #inStep(message, server, name) {
    const early = this.#early ?? [];
    this.#early = undefined;
    this.#delay = FIRST_DELAY;
    this.#brokenDelay = BROKEN_DELAY;
    this.#goneAt = undefined;
    this.session = message.session;
    this.#deliver(message);
    early.forEach((other) => this.#deliver(other));
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const other of waiting) this.#transport?.send(other);
    this.shell.connected(server, name);
  }

  /**
   * @param {any} message
   */
  #deliver(message) {
    if (message.seq !== undefined) {
      // What was broadcast while the page said hello may be in the answer already.
      if (!message.answer && message.seq <= (this.#seen.get(message.session) ?? -1)) return;
      this.#seen.set(message.session, message.seq);
    }
    this.shell.message(message);
  }

  #later() {
    this.#goneAt ??= performance.now();
    const isSoon = performance.now() - this.#goneAt < SOON;
    this.#timer = setTimeout(() => this.connect(), this.#delay);
    this.#delay = Math.min(this.#delay * 1.5, isSoon ? LONGEST_DELAY : LATER_DELAY);
  }
}

/**
 * @param {string} name
 * @param {URL} base
 * @param {Server} server
 * @param {Shell} shell
 * @returns {Transport}
 */
function made(name, base, server, shell) {
  if (name === "socket") return new SocketTransport(base, server, shell);
  return new Polling(base, server, shell, name === "stream");
}

/**
 * The best transport that has not failed in this tab.
 *
 * @param {string[]} offered the best one first
 * @param {URL} base
 */
function chosen(offered, base) {
  const bad = refused(base);
  const left = offered.filter((name) => !bad.includes(name) && (name !== "stream" || canShare()));
  return left[0] ?? "poll";
}

/** @param {URL} base @returns {string[]} */
function refused(base) {
  try {
    return JSON.parse(sessionStorage.getItem(`hmr:refused ${base.pathname}`) ?? "[]");
  } catch {
    return [];
  }
}

/** @param {string} name of a transport that does not work here, to be remembered in this tab */
function refuse(name, /** @type {URL} */ base) {
  console.debug(`[hmr] no ${name}: the next transport is tried`);
  try {
    sessionStorage.setItem(`hmr:refused ${base.pathname}`, JSON.stringify([...new Set([...refused(base), name])]));
  } catch {
    // It is tried again next time.
  }
}

/** @param {[string, string][]} held */
function* parts(held) {
  let part = {};
  let length = 0;
  for (const [key, version] of held) {
    part = { ...part, [key]: version };
    length += key.length + version.length + 6;
    if (length > HELD_LENGTH) {
      yield { type: "held", held: part };
      part = {};
      length = 0;
    }
  }
  yield { type: "held", held: part, done: true };
}
