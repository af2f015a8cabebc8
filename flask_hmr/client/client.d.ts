/**
 * Types of `import.meta.hot` and `import.meta.dispose`, for editors and for the
 * TypeScript compiler.
 *
 * `flask hmr types` puts a copy of this file into a project, where editors find it.
 * Requires TypeScript 5.0 or later.
 */

interface ImportMeta {
  /**
   * The hot module replacement API of this module.
   *
   * It is `undefined` in production, so put its uses under a condition:
   *
   * ```js
   * if (import.meta.hot) {
   *   import.meta.hot.accept();
   * }
   * ```
   */
  readonly hot?: Hot;

  /**
   * The same as `import.meta.hot.dispose`.
   *
   * ```js
   * const clock = setInterval(tick, 1000);
   * import.meta.dispose?.(() => clearInterval(clock));
   * ```
   */
  readonly dispose?: (callback: HmrDisposeCallback) => void;
}

/** What one instance of a module can ask of hot module replacement. */
interface Hot {
  /**
   * Takes the updates of this module: it is evaluated again, nothing else happens.
   *
   * ```js
   * document.title = "Orders";
   * import.meta.hot.accept();
   * ```
   *
   * With `{ bubbles: true }` the importers of the module get the update too.
   */
  accept(options?: HmrAcceptOptions): void;

  /**
   * Takes the updates of this module: it is evaluated again, then the callback
   * gets the new instance. The place to renew what this module exports, since
   * importers keep the bindings that they have.
   *
   * ```js
   * export let price = (amount) => `${amount} €`;
   * import.meta.hot.accept(({ module }) => {
   *   price = module.price;
   * });
   * ```
   *
   * In TypeScript, name the type of the module to have its exports checked:
   * `accept<typeof import("./price.js")>(({ module }) => …)`.
   */
  accept<M = any>(
    callback: (update: HmrSelfUpdate<M>) => void,
    options?: HmrAcceptOptions,
  ): void;

  /**
   * Takes the updates of one module that this module imports. This module is not
   * evaluated again; its own code still needs an `accept()` of its own.
   *
   * ```js
   * import { draw } from "./draw.js";
   * draw();
   * import.meta.hot.accept("./draw.js", ({ deps: [fresh] }) => fresh.draw());
   * ```
   *
   * @param dependency What the import says: relative, absolute or bare.
   */
  accept<M = any>(
    dependency: string,
    callback?: (update: HmrDependencyUpdate<M>) => void,
  ): void;

  /**
   * Takes the updates of several modules that this module imports, with one call
   * of the callback per update. `deps` holds all of them, changed or not, in the
   * order of the list.
   *
   * ```js
   * import.meta.hot.accept(["./rows.js", "./sums.js"], ({ deps }) => {
   *   const [rows, sums] = deps;
   *   rows.render(sums.total());
   * });
   * ```
   *
   * @param dependencies What the imports say: relative, absolute or bare.
   */
  accept<const D extends readonly string[]>(
    dependencies: D,
    callback?: (update: HmrDependenciesUpdate<{ -readonly [I in keyof D]: any }>) => void,
  ): void;

  /**
   * Takes the updates of this module, for code written for Vite.
   *
   * ```js
   * export const rate = 0.19;
   * import.meta.hot.acceptExports("rate", ({ module }) => show(module.rate));
   * ```
   */
  acceptExports<M = any>(
    names: string | readonly string[],
    callback?: (update: HmrSelfUpdate<M>) => void,
  ): void;

  /**
   * Has every update of this module reload the page, even where an importer
   * would take it. For effects that cannot be undone.
   *
   * ```js
   * customElements.define("price-tag", PriceTag);
   * import.meta.hot.decline();
   * ```
   */
  decline(): void;

  /**
   * Gives an update back: the page reloads, or the importers get the update where
   * the server sets `HMR_INVALIDATE = "propagate"`.
   *
   * ```js
   * import.meta.hot.accept(({ module }) => {
   *   if (!module.routes) import.meta.hot?.invalidate("the routes are gone");
   * });
   * ```
   *
   * @param message The reason, shown in the console and in the terminal.
   */
  invalidate(message?: string): void;

  /**
   * Calls back once, when this instance is about to be replaced or pruned and
   * before the next one is evaluated. A promise that the callback returns is
   * awaited.
   *
   * ```js
   * const feed = new EventSource("/feed");
   * import.meta.hot.dispose((data) => {
   *   data.lastSeen = feed.lastSeen;
   *   feed.close();
   * });
   * ```
   */
  dispose(callback: HmrDisposeCallback): void;

  /**
   * Calls back when no loaded module imports this one any longer.
   *
   * ```js
   * document.adoptedStyleSheets.push(sheet);
   * import.meta.hot.prune(() => {
   *   document.adoptedStyleSheets = document.adoptedStyleSheets.filter(
   *     (other) => other !== sheet,
   *   );
   * });
   * ```
   */
  prune(callback: HmrDisposeCallback): void;

  /**
   * One object per module, kept from instance to instance until the page goes or
   * the module is pruned.
   *
   * ```js
   * const count = import.meta.hot?.data.count ?? 0;
   * ```
   */
  readonly data: any;

  /**
   * Listens to an event: a built-in one, or one that the server sends by
   * `hmr.send(event, data)`. The listener goes when this instance does.
   *
   * ```js
   * import.meta.hot.on("hmr:beforeFullReload", ({ reason }) => console.log(reason));
   * ```
   */
  on<E extends HmrEventName>(
    event: E,
    callback: (payload: HmrEventPayload<E>) => void,
  ): void;

  /**
   * Stops a listener that `on` has added.
   *
   * ```js
   * import.meta.hot.off("hmr:afterUpdate", redraw);
   * ```
   */
  off<E extends HmrEventName>(
    event: E,
    callback: (payload: HmrEventPayload<E>) => void,
  ): void;

  /**
   * Sends an event to the server, where `@hmr.on(event)` hears it.
   *
   * ```js
   * import.meta.hot.send("cart:open", { items: 3 });
   * ```
   *
   * @param data Anything that JSON can hold.
   */
  send<E extends HmrEventName>(event: E, data?: HmrEventPayload<E>): void;
}

/**
 * The events and what comes with them. Add your own, and `on`, `off` and `send`
 * check them:
 *
 * ```ts
 * declare global {
 *   interface HmrEvents {
 *     "cart:open": { items: number };
 *   }
 * }
 * ```
 */
interface HmrEvents {
  /** Modules are about to be replaced, or stylesheets and images shown anew. */
  "hmr:beforeUpdate": HmrUpdatesPayload;
  /** Modules were replaced and all callbacks have run. */
  "hmr:afterUpdate": HmrUpdatesPayload;
  /** New markup of the page, or of a part of it, is about to be put in place. */
  "hmr:beforeRefresh": { reason: string };
  /**
   * That markup is in place: `added` are the elements that came with it, in `changed`
   * are those of which an attribute is another now.
   */
  "hmr:afterRefresh": { reason: string; added: Element[]; changed: Element[] };
  /** The page is about to reload. */
  "hmr:beforeFullReload": { reason: string };
  /** Modules that nothing imports any longer are about to be pruned. */
  "hmr:beforePrune": { urls: string[] };
  /** A module has given its update back. */
  "hmr:invalidate": { url: string; message?: string };
  /** Something went wrong; the page carries on with what it had. */
  "hmr:error": HmrErrorPayload;
  /** The page is connected to the server, for the first time or again. */
  "hmr:connect": { session: string; transport: "socket" | "stream" | "poll" };
  /** The page has lost its connection and will try again. */
  "hmr:disconnect": Record<string, never>;
}

interface HmrUpdatesPayload {
  /** The modules that are evaluated again. */
  updates: { url: string }[];
}

/** What the client code of plugins imports. */
declare module "@hmr/client" {
  /** Listens to an event; what it returns takes the listener off. */
  export function on<E extends HmrEventName>(
    event: E,
    callback: (payload: HmrEventPayload<E>) => void,
  ): () => void;

  /** Sends an event to the server, where `@hmr.on(event)` and `on_message` hear it. */
  export function send<E extends HmrEventName>(event: E, data?: HmrEventPayload<E>): void;

  /**
   * Brings an element in line with new markup, and keeps what that says nothing about.
   * Tells of it by `hmr:beforeRefresh` and `hmr:afterRefresh`, but not while they are told.
   *
   * @param base What it was made from. Without it all of it counts as markup.
   * @param owner Lets it change what this owner owns.
   */
  export function morph(
    element: Element,
    next: string | Element,
    base?: string | Element,
    owner?: object,
  ): { added: Element[]; changed: Element[] };

  /**
   * Says that what is in an element is no longer what the page's markup has there: only
   * `morph` with this owner changes it from now on.
   *
   * @param owner May be told when the markup has something else there: its `changed` gets
   *   the element, one with the new markup, and one with the markup before. `null` gives
   *   it back to the page's markup.
   * @param whole Whether that is so for its attributes, too.
   */
  export function own(
    element: Element,
    owner:
      | (object & {
          changed?: (element: Element, next: Element, base: Element) => void;
        })
      | null,
    whole?: boolean,
  ): void;

  /**
   * Calls back when a part of the page, which a script fetched, is out of date; what it
   * returns ends that.
   *
   * @param answer That the part was made from, or its templates, name to version.
   */
  export function follow(
    answer: Response | XMLHttpRequest | Record<string, string>,
    callback: (reason: string) => void,
  ): () => void;

  /**
   * Says that a script has put another document of the app in the place of the page's own.
   *
   * @param text Of the document. Not known: the page reloads when a template changes.
   */
  export function replaced(url: string, text: string | null): void;

  /** Shows in the overlay that something is wrong, until the next update. */
  export function showProblem(name: string, problem: HmrErrorPayload): void;

  /** Takes away what `showProblem` shows. */
  export function clearProblem(name: string): void;

  /** Has the page reload, as after a change that nobody accepts. */
  export function reload(reason: string): void;
}

/** Lines and columns count from one. */
interface HmrErrorPayload {
  title: string;
  message: string;
  file?: string;
  line?: number;
  column?: number;
  /** The lines around the one that failed; `start` is the number of the first. */
  frame?: { start: number; lines: string[] };
  stack?: string;
  hint?: string;
}

interface HmrAcceptOptions {
  /** Whether the importers of the module get the update as well. */
  bubbles?: boolean;
}

/**
 * What `accept(callback)` passes on. The exports of the new instance are there
 * as properties too, except for exports named `module` or `deps`.
 */
type HmrSelfUpdate<M = any> = HmrUpdateOf<M, []> & Omit<M, "module" | "deps">;

/**
 * What `accept("./dependency.js", callback)` passes on. The exports of the
 * dependency are there as properties too, except for exports named `module` or
 * `deps`.
 */
type HmrDependencyUpdate<M = any> = HmrUpdateOf<any, [M]> & Omit<M, "module" | "deps">;

/** What `accept([…], callback)` passes on. Iterating over it iterates over `deps`. */
type HmrDependenciesUpdate<D extends readonly any[] = any[]> = HmrUpdateOf<any, D> &
  Iterable<D[number]>;

interface HmrUpdateOf<M, D extends readonly any[]> {
  /** The newest instance of the module that accepts. */
  readonly module: M;
  /** The newest instances of the dependencies that the call lists, in its order. */
  readonly deps: D;
}

/** Gets `import.meta.hot.data`. What it returns is awaited. */
type HmrDisposeCallback = (data: any) => unknown;

/** The names that are known, without ruling out others. */
type HmrEventName = keyof HmrEvents | (string & {});

type HmrEventPayload<E extends HmrEventName> = E extends keyof HmrEvents
  ? HmrEvents[E]
  : any;
