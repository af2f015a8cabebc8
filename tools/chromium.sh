#!/bin/sh
# Print the path of a Chromium for the browser tests; install one if need be.
#
# A path in the environment variable HMR_CHROMIUM comes first, then whatever
# Chromium or Chrome is found. Messages go to standard error, so that standard
# output is the path alone.
set -eu

say() {
    printf '%s\n' "$@" >&2
}

find_browser() {
    for name in chromium chromium-browser google-chrome google-chrome-stable \
        '/Applications/Chromium.app/Contents/MacOS/Chromium' \
        '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'; do
        path=$(command -v "$name" 2>/dev/null) || continue
        # Ubuntu's chromium-browser may be a stub that only says what to install.
        "$path" --version >/dev/null 2>&1 || continue
        printf '%s\n' "$path"
        return 0
    done
    return 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@" >&2
    elif command -v sudo >/dev/null 2>&1; then
        sudo "$@" >&2
    else
        say 'Installing it needs root, and there is no sudo.'
        return 1
    fi
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -qq install -y --no-install-recommends "$1"
}

install_browser() {
    if command -v apt-get >/dev/null 2>&1; then
        as_root apt-get -qq update && apt_install chromium || return 1
        # Most tests run in this one, which takes half the time. Not every
        # distribution has it.
        apt_install chromium-headless-shell || true
    elif command -v dnf >/dev/null 2>&1; then
        as_root dnf -q install -y chromium
    elif command -v brew >/dev/null 2>&1; then
        brew install --cask chromium >&2
    else
        say 'None of apt-get, dnf and brew is here to install it with.'
        return 1
    fi
}

if [ -n "${HMR_CHROMIUM:-}" ]; then
    if [ ! -x "$HMR_CHROMIUM" ]; then
        say "HMR_CHROMIUM is '$HMR_CHROMIUM', and that is no program." \
            'Unset it, or set it to the path of Chromium or Chrome.'
        exit 1
    fi
    printf '%s\n' "$HMR_CHROMIUM"
    exit
fi

find_browser && exit

say 'The browser tests need Chromium, and none was found. Installing it ...'
if install_browser && find_browser; then
    exit
fi
say 'No Chromium could be installed. Install Chromium or Chrome yourself, or set' \
    'HMR_CHROMIUM to the path of one, and try again.'
exit 1
