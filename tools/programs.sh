#!/bin/sh
# Install programs that tests start, unless they are there: tools/programs.sh redis-server
#
# Packages have the names of their programs, as in Debian.
set -eu

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

for program in "$@"; do
    # Servers are often outside of what a user's PATH has.
    PATH="$PATH:/usr/sbin:/usr/local/sbin"
    command -v "$program" >/dev/null 2>&1 && continue
    echo "Tests need $program, and it was not found. Installing it ..." >&2
    package=${program%-server}
    if command -v apt-get >/dev/null 2>&1; then
        as_root apt-get -qq update >&2
        # Not as a service: the tests start what they need.
        as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
            apt-get -qq install -y --no-install-recommends "$program" >&2
    elif command -v dnf >/dev/null 2>&1; then
        as_root dnf -q install -y "$package" >&2
    elif command -v brew >/dev/null 2>&1; then
        brew install "$package" >&2
    else
        echo "Install $program yourself, and try again." >&2
        exit 1
    fi
done
