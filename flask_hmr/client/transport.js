// @ts-check
/**
 * The connection to the server: a WebSocket that comes back by itself.
 *
 * It says which change of which server process the page has seen, and is told what
 * changed since.
 */

const FIRST_DELAY = 50;
/** How long it is tried often, and how often then and later, in milliseconds. */
const SOON = 20_000;
const LONGEST_DELAY = 250;
const LATER_DELAY = 2000;
/** Pauses after answers that were errors: the terminal shows each of them, with its traceback. */
const BROKEN_DELAY = 1000;
const LONGEST_BROKEN_DELAY = 5000;
/** Characters of what the page holds in one message. */
const HELD_LENGTH = 30_000;

export class Connection {
  /** @type {WebSocket | undefined} */
  #socket;
  #delay = FIRST_DELAY;
  #brokenDelay = BROKEN_DELAY;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** When the server was found to be away. @type {number | undefined} */
  #goneAt;
  /** Messages for a server that is not there. @type {string[]} */
  #waiting = [];
  /** Messages that came before the answer to hello. @type {any[] | undefined} */
  #early = [];

  /**
   * @param {URL} base of the server's own endpoints
   * @param {{session?: string, seq?: number}} mark what the page has seen
   * @param {{hello(): object, held(): [string, string][], message(message: any): void,
   *   connected(session: any): void, disconnected(): void, foreign(): void,
   *   gone(): void, broken(status: number, text: string): void}} shell
   */
  constructor(base, mark, shell) {
    this.base = base;
    this.session = mark.session;
    this.seq = mark.seq;
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
    const text = JSON.stringify(message);
    if (this.#socket?.readyState === WebSocket.OPEN && !this.#early) this.#socket.send(text);
    else if (this.#waiting.length < 1000) this.#waiting.push(text);
  }

  /** @param {{token: string, session: string}} server */
  #open(server) {
    const url = new URL("socket", this.base);
    url.protocol = url.protocol.replace("http", "ws");
    url.searchParams.set("token", server.token);
    const socket = new WebSocket(url);
    this.#socket = socket;
    this.#early = [];
    socket.onopen = () => {
      const { session, seq } = this;
      socket.send(JSON.stringify({ type: "hello", session, seq, ...this.shell.hello() }));
    };
    socket.onmessage = (event) => this.#receive(socket, JSON.parse(event.data), server);
    socket.onclose = () => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      if (!this.#early) this.shell.disconnected();
      this.shell.gone();
      this.#later();
    };
  }

  /**
   * @param {WebSocket} socket
   * @param {any} message
   * @param {{token: string, session: string}} server
   */
  #receive(socket, message, server) {
    if (message.type === "ping") {
      socket.send('{"type":"pong"}');
    } else if (message.type === "foreign") {
      this.shell.foreign();
      for (const part of parts(this.shell.held())) socket.send(JSON.stringify(part));
    } else if (this.#early && message.answer) {
      this.#inStep(message, server);
    } else if (this.#early) {
      this.#early.push(message);
    } else {
      this.#deliver(message);
    }
  }

  /**
   * @param {any} message
   * @param {{session: string}} server
   */
  #inStep(message, server) {
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
    for (const text of waiting) this.#socket?.send(text);
    this.shell.connected(server);
  }

  /**
   * @param {any} message
   */
  #deliver(message) {
    if (message.seq !== undefined) {
      // What was broadcast while the page said hello may be in the answer already.
      if (!message.answer && message.seq <= (this.seq ?? -1)) return;
      this.seq = message.seq;
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
