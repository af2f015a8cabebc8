// @ts-check
/** The WebSocket of one page. */

/** How long it may take to open, in milliseconds: some proxies never answer. */
const PATIENCE = 1200;
/** What the page may need to take notice that it is open, when it has been busy. */
const GRACE = 50;

/** @typedef {import('./transport.js').Shell} Shell */

export class SocketTransport {
  /** @type {WebSocket} */
  #socket;
  #shell;

  /**
   * @param {URL} base of the server's own endpoints
   * @param {{token: string}} server
   * @param {Shell} shell
   */
  constructor(base, server, shell) {
    const url = new URL("socket", base);
    url.protocol = url.protocol.replace("http", "ws");
    url.searchParams.set("token", server.token);
    const socket = new WebSocket(url);
    let timer = setTimeout(() => (timer = setTimeout(() => socket.close(), GRACE)), PATIENCE);
    socket.onopen = () => {
      clearTimeout(timer);
      shell.opened();
    };
    socket.onmessage = (event) => shell.message(JSON.parse(event.data));
    socket.onclose = () => {
      clearTimeout(timer);
      shell.closed();
    };
    this.#socket = socket;
    this.#shell = shell;
  }

  /** @param {object} message */
  send(message) {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** The page has loaded more than the process at the other end may know of. */
  grown() {
    this.#shell.introduction().forEach((message) => this.send(message));
  }
}
