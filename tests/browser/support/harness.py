"""The app and the page of the model test.

One server and one browser serve all histories: each has a folder of its own below
``static/``. Neither side waits for time to pass. The server tells when it knows what a
step has written, and only then the sentinel ``sync.js`` of the history changes.
Updates are applied in order, so a page that shows the new sentinel has dealt with all
that came before. Only where a page has made one update of several another sentinel has
to follow, for nobody knows where in it the first one came.
"""

from __future__ import annotations

import typing as t

APP: t.Final = """
import hashlib
import threading
from pathlib import Path

from flask import Flask, render_template, request

from flask_hmr import HMR
from flask_hmr.core.facts import Kind
from flask_hmr.core.versions import digest
from flask_hmr.updates import Updates

app = Flask(__name__)
app.config["HMR_LOG"] = False
HMR(app)

DEADLINE = 20
known = threading.Condition()
held = None
changed = Updates.changed


def gather(self, paths, *others):
    # Files of one step make one batch, however long the test is held up between them.
    with known:
        if held is not None:
            held.update(paths)
            known.notify_all()
            return
    changed(self, paths, *others)
    with known:
        known.notify_all()


Updates.changed = gather


@app.get("/h/<history>/<entry>")
def page(history, entry):
    return render_template("page.html", history=history, entry=entry)


@app.post("/hold")
def hold():
    global held
    with known:
        held = set()
    return ""


@app.post("/settle")
def settle():
    global held
    step = request.get_json()
    folder = Path(app.static_folder, step["history"])
    updates = app.extensions["hmr"].updates
    with known:
        if held is not None:
            paths = {str(folder / f"{name}.js") for name in step["files"]}
            heard = known.wait_for(lambda: paths <= held, DEADLINE)
            batch, held = frozenset(held), None
            if not heard:
                return f"The watcher did not hear of {paths - batch}", 500
        else:
            batch = None
    if batch is not None:
        gather(updates, batch)

    def is_known(name):
        facts = updates.graph.facts(f"/static/{step['history']}/{name}.js")
        try:
            content = digest((folder / f"{name}.js").read_bytes())
        except FileNotFoundError:
            return facts is None or facts.kind is Kind.MISSING
        return facts is None or facts.content == content

    with known:
        if not known.wait_for(lambda: all(map(is_known, step["files"])), DEADLINE):
            return "The server did not take in the files", 500
    sync = folder / "sync.js"
    sync.write_text(step["sync"])
    gather(updates, frozenset([str(sync)]))
    return ""
"""

PAGE: t.Final = """
<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>{{ history }}</title>
    <link rel="icon" href="data:,">
    <script src="/static/harness.js"></script>
    <script>h.entry = "{{ entry }}";</script>
    <script type="module" src="/static/{{ history }}/{{ entry }}.js"></script>
    <script type="module" src="/static/{{ history }}/sync.js"></script>
  </head>
  <body></body>
</html>
"""

HARNESS: t.Final = """
// What the modules of a history tell, and what the test asks for.
const h = {
  always: true,
  never: false,
  entry: "",
  log: [],
  sync: -1,
  together: false,
  counts: {},
  ready: false,
  fresh: new Map(),
  loaders: {},
  waiting: [],

  evaluated(name, number) {
    this.counts[name] = (this.counts[name] ?? 0) + 1;
    const id = `${name}#${this.counts[name]}`;
    this.log.push({ what: "evaluate", who: id, number });
    return id;
  },
  binds(id, namespaces) {
    this.fresh.set(id, namespaces);
  },
  loads(name, id, dep, load) {
    this.loaders[`${name} ${dep}`] = { id, load };
  },
  got(id, dep, namespace) {
    this.log.push({ what: "get", who: id, dep: namespace.id });
  },
  data(id, data) {
    data.count = (data.count ?? 0) + 1;
    this.log.push({ what: "data", who: id, number: data.count });
  },
  called(id, kind, n, { module, deps }) {
    const ids = deps.map((dep) => dep.id);
    const call = { what: "call", who: id, kind, number: n };
    this.log.push({ ...call, module: module.id, deps: ids });
  },
  disposed(id, n) {
    this.log.push({ what: "dispose", who: id, number: n });
  },
  pruned(id) {
    this.log.push({ what: "prune", who: id });
  },
  finished(id) {
    if (id === `${this.entry}#1`) this.ready = true;
    this.wake();
  },
  synced(n) {
    this.sync = n;
    this.wake();
  },
  wake() {
    this.waiting = this.waiting.filter(({ n, resolve }) => {
      if (!this.ready || this.sync < n) return true;
      resolve();
      return false;
    });
  },
  async load(name, dep) {
    const { id, load } = this.loaders[`${name} ${dep}`];
    this.got(id, dep, await load());
  },
  async report(n) {
    await new Promise((resolve, reject) => {
      this.waiting.push({ n, resolve });
      this.wake();
      const late = () => `ready: ${this.ready}, sentinel: ${this.sync} of ${n}`;
      setTimeout(() => reject(new Error(`No end of the step: ${late()}`)), 15_000);
    });
    const binds = {};
    for (const [id, namespaces] of this.fresh) {
      binds[id] = {};
      for (const [name, space] of Object.entries(namespaces())) {
        for (const [key, value] of Object.entries(space)) {
          if (key === "id") binds[id][name] = value;
          else binds[id][`${name}.${key}`] = value.id;
        }
      }
    }
    const log = this.log;
    this.log = [];
    this.fresh = new Map();
    const error = !!document.querySelector("[data-hmr-overlay]");
    const loads = Number(sessionStorage.getItem("test:loads"));
    return { loads, log, binds, error, together: this.together };
  },
};
window.h = h;
"""


def sync(number: int) -> str:
    """Return the text of the sentinel."""
    return f"""
        h.synced({number});
        import.meta.hot.accept();
        import.meta.hot.on("hmr:beforeUpdate", ({{ updates }}) => {{
          h.together = updates.length > 1;
        }});
    """
