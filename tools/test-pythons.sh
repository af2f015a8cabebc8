#!/bin/sh
# Run the tests that need no browser on several versions of Python.
#
# usage: tools/test-pythons.sh BUILD [VERSION...]
#
# Each version has a virtual environment of its own in BUILD. A version that is not
# installed here is left out, and said so; none at all is a failure. With CONSTRAINTS,
# a file for pip, these versions of the dependencies are installed.
set -eu

build=$1
shift
cd "$(dirname "$0")/.."

# Prints the path of a Python, as the shell or pyenv knows it.
find_python() {
    for found in "python$1" "$HOME"/.pyenv/versions/"$1".*/bin/python; do
        if "$found" -c "import sys, venv, ensurepip
sys.exit('%d.%d' % sys.version_info[:2] != '$1')" 2>/dev/null; then
            command -v "$found"
            return
        fi
    done
    return 1
}

done=''
missing=''
failed=''
for version; do
    python=$(find_python "$version") || {
        echo "=== Python $version: left out, there is no python$version here"
        missing="$missing $version"
        continue
    }
    echo "=== Python $version: $python"
    directory=$build/$version
    [ -x "$directory/bin/python" ] || "$python" -m venv "$directory"
    "$directory/bin/python" -m pip install --quiet --disable-pip-version-check \
        ${CONSTRAINTS:+--constraint "$CONSTRAINTS"} \
        --editable '.[redis,typescript]' build coverage hypothesis pytest pytest-xdist \
        playwright 'setuptools>=77' twine whitenoise
    # shellcheck disable=SC2086
    if "$directory/bin/python" -m pytest -m 'not browser' --ignore tests/browser \
        --ignore tests/test_companions.py --ignore tests/test_front.py ${PYTEST_ARGS-}; then
        done="$done $version"
    else
        failed="$failed $version"
    fi
done

echo "passed:${done:- none}; failed:${failed:- none}; not installed here:${missing:- none}"
[ -n "$done" ] && [ -z "$failed" ]
