#!/bin/sh
# Install the libraries that tests of integrations load, unless they are there.
set -eu

here=$(dirname "$0")
wanted="$here/../tests/npm/package.json"
folder="$here/../build/npm"

# The copy is there once everything in it is.
cmp -s "$wanted" "$folder/installed.json" && exit
"$here/programs.sh" npm
mkdir -p "$folder"
cp "$wanted" "$folder/package.json"
npm install --prefix "$folder" --no-audit --no-fund --no-package-lock >&2
cp "$wanted" "$folder/installed.json"
