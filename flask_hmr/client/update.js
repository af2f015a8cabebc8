// @ts-check
/** Applies updates, one after the other: plan, check, replace or reload, prune. */

import { Agenda } from "./agenda.js";
import { Exchange } from "./exchange.js";
import { Invalidation } from "./invalidation.js";
import { Patience } from "./patience.js";
import { linkedBy, takers, tops } from "./plan.js";
import { Pruning } from "./pruning.js";
import { Renewal } from "./renewal.js";
import { Surroundings } from "./surroundings.js";
import { withVersion } from "./urls.js";

/**
 * @typedef {import('./plan.js').Plan} Plan
 * @typedef {import('./surroundings.js').UpdateMessage} UpdateMessage
 * @typedef {import('./agenda.js').Due} Due
 * @typedef {import('./linker.js').Failure} Failure
 */

/** A version that no module has. */
const NOWHERE = "0".repeat(16);
/** How often one update is begun anew, with newer versions. */
const ROUNDS = 5;
/** Something newer has come while new instances were linked. @type {Failure} */
const OVERTAKEN = { urls: [], error: undefined };

export class Updater {
  /** Updates that have not begun. @type {UpdateMessage[]} */
  #inbox = [];
  #isBusy = false;
  /** Resolves when all updates that have come are done with. @type {Promise<void>} */
  idle = Promise.resolve();
  #invalidation;
  #agenda;
  /** The last change that was known when something could not be loaded. */
  #failedAt;
  #patience = new Patience(() => this.#inbox.length > 0);
  #pruning;

  /**
   * @param {import('./registry.js').Registry} registry
   * @param {import('./events.js').Events} events
   * @param {import('./page.js').Page} page
   */
  constructor(registry, events, page) {
    this.registry = registry;
    this.events = events;
    this.page = page;
    this.surroundings = new Surroundings(registry, page);
    this.exchange = new Exchange(registry, page, this.surroundings, this.#patience);
    this.renewal = new Renewal(page.send);
    this.#invalidation = new Invalidation(registry, page, this.surroundings, async (keys) => {
      await this.renewal.renew(keys);
      await this.idle;
    });
    this.#agenda = new Agenda(registry, page, this.surroundings, this.exchange, this.#invalidation);
    this.#pruning = new Pruning(this.exchange, events, this.renewal);
    this.#failedAt = this.surroundings.last;
  }

  /** @param {UpdateMessage} message */
  enqueue(message) {
    this.#inbox.push(message);
    this.#patience.hurry();
    if (!this.#isBusy) this.#run();
  }

  async #run() {
    this.#isBusy = true;
    let end = () => {};
    this.idle = new Promise((resolve) => (end = resolve));
    await this.page.ready;
    while (this.#inbox.length && !this.page.reloading) {
      try {
        await this.#apply();
      } catch (error) {
        this.page.reports.problem("hmr", error, "an update");
      }
    }
    this.#isBusy = false;
    end();
  }

  /** Take in all that has come. @returns {UpdateMessage[]} */
  #takeAll() {
    const messages = this.#inbox.splice(0);
    for (const message of messages) this.#agenda.take(message);
    return messages;
  }

  /**
   * Go on to the importers of a module as though it had not accepted its update.
   *
   * @param {import('./registry.js').Instance} instance that has invalidated itself
   * @param {(isEarly: boolean) => void} reload what is to be done where nobody takes it, and
   *   whether the page was still loading when it began
   */
  async invalidate(instance, reload) {
    const isFresh = this.#isBusy && instance.born === this.registry.clock;
    if (await this.#invalidation.ask(instance, isFresh, reload)) this.#goOn();
  }

  /** Carry out what is waiting, although the server tells nothing new. */
  #goOn() {
    const { session = "", seq } = this.surroundings.last;
    this.enqueue({ type: "update", session, seq, changed: [], modules: {}, orphans: {} });
  }

  /** Have modules evaluated anew that were disposed of, and have no other instance. */
  #evaluateAgain() {
    const { returned } = this.exchange;
    if (!returned.size) return;
    for (const key of returned) this.#agenda.pending.add(key);
    returned.clear();
    this.#goOn();
  }

  /**
   * A module could not be loaded: the browser will not try it again under its URL.
   *
   * @param {{session: string | undefined, seq: number}} [last] the last change that was known then
   */
  failed(last = this.surroundings.last) {
    this.#failedAt = last;
    this.surroundings.isSound = false;
  }

  /**
   * An `import()` could not load a module.
   *
   * @param {string} key
   * @param {string | undefined} version
   */
  async refused(key, version) {
    const { last } = this.surroundings;
    this.page.loads.refused.add(key);
    this.failed();
    if (!(await this.page.unloaded.look(key, version))) return;
    // By now an update may have asked for it, before it was tried once more.
    this.page.loads.refused.add(key);
    this.failed(last);
  }

  /** See whether what no `import()` could load can be loaded by now. */
  #lookAgain() {
    for (const key of this.page.unloaded.keys) {
      this.page.versionOf(key).then((version) => this.refused(key, version));
    }
  }

  /** Apply the next update. */
  async #apply() {
    this.#patience.begin();
    const messages = this.#inbox.splice(0, 1);
    this.#agenda.take(messages[0]);
    let isMended = false;
    for (let round = 1; ; round++) {
      const due = this.#agenda.due(messages);
      const isLast = round > ROUNDS;
      /** @type {Promise<void> | undefined} */
      const answer = isLast ? undefined : this.#ask(due, isMended);
      isMended ||= !!answer;
      await answer;
      if (!answer && (await this.#carryOut(due, isLast))) break;
      // What else has come belongs to it now, for older versions are not to be had.
      messages.push(...this.#takeAll());
    }
    if (this.page.reloading) return;
    this.#lookAgain();
    if (!this.#agenda.pending.size) await this.#pruning.prune();
  }

  /**
   * Ask the server for new versions, where an update needs some that it sees no reason
   * to give.
   *
   * @param {Due} due
   * @param {boolean} isMended whether it was asked for what could not be loaded before
   * @returns {Promise<void> | undefined} when they have come, if there is something to ask
   */
  #ask({ message, starts, loaded, plan, reload }, isMended) {
    const { loads } = this.page;
    const lost = [...loads.failed.keys(), ...loads.refused];
    const isNews = message.changed.length > 0 || message.compared;
    if (!isMended && isNews && (this.#agenda.pending.size || lost.length)) {
      loads.refused.clear();
      const waiting = starts.filter((key) => this.#agenda.pending.has(key));
      const entries = new Set([...lost, ...this.#agenda.plan(waiting, loaded).replaced]);
      const { session, seq } = this.#failedAt;
      // What another process of the server saw is not known to this one.
      return this.renewal.mend([...entries], session === message.session ? seq : -1);
    }
    const used = reload || plan.reload ? [] : this.#agenda.used(plan);
    return used.length ? this.renewal.renew(used, this.surroundings.last.seq) : undefined;
  }

  /**
   * @param {Due} due
   * @param {boolean} isLast whether it is carried out although there is a newer one
   * @returns {Promise<boolean>} whether it was
   */
  async #carryOut(due, isLast) {
    const { message, starts, loaded, leaving, plan, invalid } = due;
    const all = new Set([...starts, ...plan.replaced]);
    this.exchange.keep(message, (key) => all.has(key), (key) => loaded(key) && !leaving.has(key));
    this.#invalidation.begin(invalid);
    const failure = await this.#attempt(due, isLast);
    if (failure) this.#invalidation.again(invalid);
    if (failure === OVERTAKEN) return false;
    if (failure) await this.#carryOutParts(due, failure);
    return true;
  }

  /**
   * What cannot be applied must not hold up what came without it.
   *
   * @param {Due} due
   * @param {Failure} failure of all of it at once
   */
  async #carryOutParts(due, failure) {
    const parts = due.parts.filter((part) => part.length && part.length < due.starts.length);
    let isWhole = true;
    for (const part of parts) {
      isWhole = (await this.#carryOutPart(due, part)) && isWhole;
      // What comes after it is for the page as it is then.
      if (this.page.reloading) return;
    }
    // What failed before and does so still is to be seen again once the rest is in order.
    const done = parts.flat().map((key) => withVersion(key, this.#versionToLink(key)));
    const urls = failure.urls.filter((url) => !done.includes(url));
    if (isWhole && urls.length) await this.#report({ ...failure, urls });
  }

  /**
   * @param {Due} due
   * @param {string[]} starts
   * @returns {Promise<boolean>} whether it was possible
   */
  async #carryOutPart(due, starts) {
    const causes = due.causes.filter((key) => starts.includes(key));
    const plan = this.#agenda.plan(starts, due.loaded);
    const failure = await this.#attempt({ ...due, starts, causes, plan, invalid: new Map() }, true);
    if (failure) await this.#report(failure);
    return !failure;
  }

  /**
   * @param {Due} due
   * @param {boolean} isLast whether it is carried out although there is a newer one
   * @returns {Promise<Failure | undefined>} what fails has changed nothing in the page
   */
  async #attempt(due, isLast) {
    const { page } = this;
    const { starts, plan } = due;
    const reason = due.reload ?? plan.reload ?? this.#splits(plan);
    // A reload would show an error, too, if anything up to the entry cannot be linked.
    // Whoever listens hears of an update only when it is known to be possible.
    const isQuiet = !reason && !this.#agenda.pending.size && !this.events.hears("hmr:beforeUpdate");
    const isPlain = isQuiet && this.exchange.isPlain(plan);
    let failure = isPlain ? undefined : await this.#link(this.#toLink(plan, reason));
    if (!isLast && this.#isOvertaken(plan)) return OVERTAKEN;
    const isEmpty = !plan.replaced.size && !plan.acceptors.size;
    if (!failure && !reason && !isEmpty) failure = await this.#replace(due, !isPlain);
    if (failure) {
      for (const key of starts) this.#agenda.pending.add(key);
      this.#agenda.stillFailed(starts);
      this.#failedAt = this.surroundings.last;
      return failure;
    }
    for (const key of starts) this.#agenda.pending.delete(key);
    const [invalid] = due.invalid.values();
    if (reason && invalid) invalid.reload();
    else if (reason) page.reload(reason);
    return undefined;
  }

  /**
   * @param {Plan} plan
   * @param {string | undefined} reason why the page has to reload
   */
  #toLink(plan, reason) {
    return reason ? [...plan.replaced] : linkedBy(tops(plan), plan.replaced, this.surroundings.info);
  }

  /**
   * Tell whether newer versions have become known while new instances were linked: what
   * was fetched last names other ones than what was fetched first.
   *
   * @param {Plan} plan
   */
  #isOvertaken({ replaced }) {
    const { info } = this.surroundings;
    const near = new Set(replaced);
    for (const key of near) {
      // Below what stays nothing is fetched.
      if (!replaced.has(key) && this.registry.has(key)) continue;
      for (const lower of info(key)?.imports ?? []) near.add(lower);
    }
    return this.#inbox.some(({ modules }) => Object.keys(modules).some((key) => near.has(key)));
  }

  /** @param {Failure} failure */
  async #report(failure) {
    const { linker, reports } = this.page;
    const problem = await linker.diagnose(failure.urls, failure.error);
    reports.show("update", problem);
    this.events.emit("hmr:error", problem);
  }

  /** @param {string[]} keys modules whose new instances have to be linked */
  #link(keys) {
    // Whether a classic script is in order only running it can show.
    const modules = keys.filter((key) => !this.page.loads.classic.has(key));
    return this.page.linker.link(modules.map((key) => withVersion(key, this.#versionToLink(key))));
  }

  /** @param {string} key */
  #versionToLink(key) {
    const info = this.surroundings.info(key);
    // The browser may have got it without a version, when it was still there.
    return info?.missing ? NOWHERE : info?.version;
  }

  /**
   * Tell whether a plan would make a second instance of a module, since the browser
   * did not let its newer URL stand for the instance that is there, or none at all.
   *
   * @param {Plan} plan
   * @returns {string | undefined} why the page has to reload
   */
  #splits(plan) {
    for (const key of this.page.unkept) {
      const importers = this.surroundings.info(key)?.importers ?? [];
      const importer = importers.find((k) => plan.replaced.has(k));
      if (importer !== undefined && !plan.replaced.has(key)) {
        return `the page's policy forbids the import map by which ${importer} would find ${key}`;
      }
    }
    const unknown = [...plan.replaced].find((key) => !this.surroundings.info(key));
    if (unknown) return `the server knows no newer instance of ${unknown}`;
    return undefined;
  }

  /**
   * @param {Due} due
   * @param {boolean} isLinked whether it is known that the new instances can be had
   * @returns {Promise<Failure | undefined>} why they cannot
   */
  async #replace({ message, starts, plan, causes }, isLinked) {
    const { page, events } = this;
    const updates = [...plan.replaced].map((url) => ({ url }));
    for (const key of starts) this.#agenda.pending.delete(key);
    page.reports.mended(this.#agenda.pending.size > 0);
    const works = await this.exchange.replace(
      plan,
      () => {
        events.emit("hmr:beforeUpdate", { updates });
      },
      isLinked,
    );
    if (typeof works !== "boolean") return works;
    this.#evaluateAgain();
    if (!works) this.failed();
    // What an instance has given up in a callback is no update that was applied.
    else if (!page.reloading) page.reports.applied(causes, takers(plan), message.unsure);
    events.emit("hmr:afterUpdate", { updates });
    return undefined;
  }
}
