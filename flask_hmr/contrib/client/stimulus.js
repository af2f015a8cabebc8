// @ts-check
/** Registers controllers of Stimulus anew when they are edited. */

/**
 * @typedef {new (...given: any[]) => any} Controller
 * @typedef {{register: (identifier: string, controller: Controller) => void,
 *   unload: (identifier: string) => void, router: {modulesByIdentifier: Map<string, any>}}} Application
 */

/** What each identifier was registered with in an update. @type {Map<string, Controller>} */
const registered = new Map();

/**
 * Take the update of a module that defines a controller.
 *
 * @param {{invalidate: (reason: string) => void}} hot of the old instance
 * @param {string} identifier by the name of its file
 * @param {Record<string, any>} module the new one
 */
export function accepted(hot, identifier, module) {
  const controller = module.default;
  const application = /** @type {Application | undefined} */ (/** @type {any} */ (window).Stimulus);
  if (typeof controller !== "function") return hot.invalidate(`${identifier} has no controller as its default export`);
  if (typeof application?.register !== "function") {
    return hot.invalidate("there is no window.Stimulus to register the controller with");
  }
  const others = Object.keys(module).filter((name) => name !== "default");
  if (others.length) return hot.invalidate(`${others.join(", ")} may be in use elsewhere`);
  // An identifier of the page's own choice cannot be told from the name of the file.
  if (application.router?.modulesByIdentifier?.has(identifier) === false) {
    return hot.invalidate(`no controller is registered as ${identifier}`);
  }
  // Each instance of the module that is still in use is told.
  if (registered.get(identifier) === controller) return;
  registered.set(identifier, controller);
  // This disconnects the old ones and connects new ones: the state is in the page.
  application.unload(identifier);
  application.register(identifier, controller);
}
