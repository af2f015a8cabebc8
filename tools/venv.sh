#!/bin/sh
# Make a virtual environment that holds this project and what a task needs.
#
# usage: tools/venv.sh DIRECTORY run|tests|dev
#
#   run    the extension, enough for the example app
#   tests  what the tests need
#   dev    all of it: tests, documentation, linters
#
# The project is installed in place, so edits count at once. A file
# DIRECTORY/.installed-TASK says afterwards that the task can run.
set -eu

directory=$1
task=$2
python=${PYTHON:-python3}

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

case $task in
    run) target=. tasks='run' ;;
    tests) target='.[tests]' tasks='run tests' ;;
    dev) target='.[dev]' tasks='run tests dev' ;;
    *) fail "tools/venv.sh: '$task' is none of run, tests, dev." ;;
esac

cd "$(dirname "$0")/.."

if [ ! -x "$directory/bin/python" ]; then
    command -v "$python" >/dev/null 2>&1 || fail \
        "'$python' was not found. Install Python 3.10 or newer, or name one that" \
        "you have: make PYTHON=/path/to/python3 ..."
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' || fail \
        "'$python' is $("$python" -V 2>&1), and 3.10 is the oldest that works." \
        "Name a newer one: make PYTHON=/path/to/python3 ..."
    # Debian packs these apart from Python. Without them 'python3 -m venv' stops
    # half way and leaves a directory without pip behind.
    "$python" -c 'import ensurepip, venv' 2>/dev/null || fail \
        "'$python' cannot make virtual environments: its module ensurepip is missing." \
        "On Debian and Ubuntu install it with: sudo apt-get install python3-venv"
    echo "Making the virtual environment $directory ..."
    "$python" -m venv "$directory"
fi

"$directory/bin/python" -m pip --version >/dev/null 2>&1 || fail \
    "$directory holds no pip, so it is not a whole virtual environment." \
    "Remove it and try again: rm -r $directory"

echo "Installing $target into $directory ..."
"$directory/bin/python" -m pip install --quiet --disable-pip-version-check \
    --editable "$target"

for task in $tasks; do
    touch "$directory/.installed-$task"
done
