// @ts-check
/**
 * The stream of events that all pages of one browser share.
 *
 * Servers have few threads for streams, and browsers few connections to one server. So
 * one page reads the stream and hands on what it brings. When that page goes away,
 * another one takes its place.
 */

/** How long it may take until the stream begins, in milliseconds. */
const PATIENCE = 1200;
/** The pause before it is opened again. */
const PAUSE = 500;
const BROWSER = "hmr:browser";

/** Whether this browser lets pages share anything. */
export function canShare() {
  return typeof BroadcastChannel !== "undefined" && typeof EventSource !== "undefined" && !!navigator.locks;
}

export class Stream {
  #url;
  #pages;
  /** @type {EventSource | undefined} */
  #source;
  /** Whether this page is the one that reads. */
  #leads = false;
  /** What a page that comes later has to know. @type {{session: string, number: number} | undefined} */
  #state;
  #hasBegun = false;
  #isOver = false;
  /** @type {() => void} */
  #release = () => {};
  #waiting = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {URL} base of the server's own endpoints
   * @param {string} token
   * @param {{live(session: string, number: number): void, down(): void, off(): void,
   *   told(number: number, to: string, message: any): void}} reader
   */
  constructor(base, token, reader) {
    this.reader = reader;
    this.#url = new URL("stream", base);
    this.#url.searchParams.set("token", token);
    this.#url.searchParams.set("browser", browser());
    const name = `hmr ${base.href}`;
    this.#pages = new BroadcastChannel(name);
    this.#pages.onmessage = ({ data }) => this.#hear(data);
    this.#pages.postMessage({ kind: "who" });
    const { signal } = this.#waiting;
    navigator.locks.request(name, { signal }, () => this.#lead()).catch(() => undefined);
  }

  end() {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    if (this.#leads) this.#say({ kind: "down" });
    this.#source?.close();
    this.#waiting.abort();
    this.#release();
    this.#pages.close();
  }

  /** Do without it, in all pages. */
  giveUp() {
    if (this.#isOver) return;
    this.#say({ kind: "off" });
    this.#off();
  }

  /** @returns {Promise<void>} resolved when another page may lead */
  #lead() {
    if (this.#isOver) return Promise.resolve();
    this.#leads = true;
    this.#open();
    return new Promise((resolve) => (this.#release = resolve));
  }

  #open() {
    const source = new EventSource(this.#url);
    this.#source = source;
    this.#timer = setTimeout(() => this.#failed(), PATIENCE);
    source.addEventListener("begin", ({ data, lastEventId }) => {
      clearTimeout(this.#timer);
      this.#hasBegun = true;
      this.#state = { session: JSON.parse(data).session, number: Number(lastEventId) };
      this.#tell({ kind: "live", ...this.#state });
    });
    source.addEventListener("told", ({ data, lastEventId }) => {
      const number = Number(lastEventId);
      if (this.#state) this.#state.number = number;
      this.#tell({ kind: "told", number, ...JSON.parse(data) });
    });
    source.onerror = () => this.#failed();
  }

  #failed() {
    this.#source?.close();
    clearTimeout(this.#timer);
    this.#state = undefined;
    if (this.#isOver) return;
    // One that has never begun will not do so the next time.
    if (!this.#hasBegun) return this.giveUp();
    this.#tell({ kind: "down" });
    if (!this.#isOver) this.#timer = setTimeout(() => this.#open(), PAUSE);
  }

  /** Tell this page, and all others. @param {any} news */
  #tell(news) {
    this.#say(news);
    this.#hear(news);
  }

  /** @param {any} news */
  #say(news) {
    this.#pages.postMessage(news);
  }

  /** @param {any} news */
  #hear(news) {
    const { reader } = this;
    if (this.#isOver) return;
    if (news.kind === "who") {
      if (this.#state) this.#say({ kind: "live", ...this.#state });
    } else if (news.kind === "live") {
      reader.live(news.session, news.number);
    } else if (news.kind === "down") {
      reader.down();
    } else if (news.kind === "off") {
      this.#off();
    } else {
      reader.told(news.number, news.to, news.message);
    }
  }

  #off() {
    this.#leads = false;
    this.end();
    this.reader.off();
  }
}

/** What all pages of this browser call it, so that it has one stream only. */
function browser() {
  const name = `${Math.random()}`.slice(2);
  try {
    const known = localStorage.getItem(BROWSER) ?? name;
    localStorage.setItem(BROWSER, known);
    return known;
  } catch {
    return name;
  }
}
