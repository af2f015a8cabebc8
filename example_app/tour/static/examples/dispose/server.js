/** Something that runs until it is stopped, as a server does. */

// In the page and not in this module, so that a new instance of it goes on counting.
const running = (window.tourServers ??= new Set());

/** A server in name only: it knows since when it runs. */
export class Server {
  constructor(name) {
    this.name = name;
  }

  /** Starts the server, unless it runs. */
  start() {
    if (running.has(this)) return;
    this.started = Date.now();
    running.add(this);
  }

  /** Stops the server. */
  stop() {
    running.delete(this);
  }
}

/** Tells which servers run, and for how long. */
export function describeServers() {
  const servers = [...running].map(({ name, started }) => {
    return `${name}, up ${Math.floor((Date.now() - started) / 1000)} s`;
  });
  return servers.join(' · ') || 'none';
}
