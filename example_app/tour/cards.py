"""What the cards of the tour say: which file to edit, how, and what will happen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Card:
    """One example.

    :param name: The name of the example in the page and in its modules.
    :param title: The call that it is about, or a name.
    :param about: What the call is for.
    :param files: The files to show, in the folder of the examples; the first is the
        one to edit.
    :param find: The code to change, which is once in that file.
    :param replace: What to change it to.
    :param outcome: What happens then.
    :param value: What the live value is; empty if it draws itself.
    :param more: Another thing to try.
    """

    name: str
    title: str
    about: str
    files: tuple[str, ...]
    find: str
    replace: str
    outcome: str
    value: str
    more: str


CARDS = (
    Card(
        name="add",
        title="import.meta.hot",
        about=(
            "A module takes part as soon as it uses this. Here it puts the function of"
            " its new self in the place of the old one, for all who imported that."
        ),
        files=("add/add.js",),
        find="a + b",
        replace="a * b",
        outcome="The 5 becomes a 6, and the page stays as it is.",
        value="add(2, 3)",
        more="Take the if block out: now nobody accepts the module, and it reloads.",
    ),
    Card(
        name="accept",
        title="accept()",
        about=(
            "Without a callback: the module runs again, and that is all. Right for a"
            " module that has an effect and no exports."
        ),
        files=("accept/global.js",),
        find="303",
        replace="404",
        outcome="The module runs again and sets the global anew.",
        value="window.someGlobal",
        more="Save a syntax error, then mend it: the old value stays in between.",
    ),
    Card(
        name="accept-callback",
        title="accept(callback)",
        about=(
            "The callback gets the new module. Whoever imported foo goes on using"
            " the first one, so that takes over the value."
        ),
        files=("accept-callback/foo.js",),
        find="808",
        replace="909",
        outcome="The callback runs and everybody who imported foo sees 909.",
        value="foo",
        more=(
            "Save another number: now two callbacks run, that of the first instance,"
            " which the page imports, and that of the newest."
        ),
    ),
    Card(
        name="accept-deps",
        title="accept(deps, callback)",
        about=(
            "The module takes the updates of a file that it imports. It does not run"
            " again itself; its callback gets the new dependency."
        ),
        files=("accept-deps/add.js", "accept-deps/foo.js"),
        find="a + b",
        replace="a * b",
        outcome="The callback works foo out again, with the new add: 100.",
        value="foo",
        more="Edit foo.js: that is not on its list, so the page reloads.",
    ),
    Card(
        name="invalidate",
        title="invalidate()",
        about=(
            "A module may look at its new self and find that it cannot go on from"
            " there. Then it gives up, and the page reloads."
        ),
        files=("invalidate/foo.js",),
        find="foo = 303",
        replace="foo = 0",
        outcome="The new module has no foo to speak of: the page reloads.",
        value="foo",
        more="Change it to foo = 404 instead, which is accepted without a reload.",
    ),
    Card(
        name="decline",
        title="decline()",
        about=(
            "For a module that does what cannot be done again, such as defining a"
            " custom element: each of its updates reloads the page."
        ),
        files=("decline/global.js",),
        find="First edition",
        replace="Second edition",
        outcome="The page reloads, and the element is defined as you wrote it.",
        value="<tour-stamp>",
        more="Take decline() out: it still reloads, as nothing accepts the module.",
    ),
    Card(
        name="dispose",
        title="dispose(callback)",
        about=(
            "Runs before the new module is loaded: the place to stop timers, close"
            " connections and take listeners away."
        ),
        files=("dispose/foo.js",),
        find="'Oak'",
        replace="'Elm'",
        outcome="The old server is stopped before the new one starts: one is running.",
        value="running servers",
        more="Take foo.stop() out, save twice more: the servers pile up.",
    ),
)
