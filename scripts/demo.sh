#!/bin/sh
# Every example, planned and applied to a sandbox that lives as long as this script, then planned
# again: the second plan has nothing left to do, or --detailed-exitcode makes this script fail.
# `make demo` runs it with the project's `idpool` first in PATH.
set -eu
cd "$(dirname "$0")/.."

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
sandbox=$folder/sandbox.json

show() {
  printf '\n$ %s\n' "$*"
  "$@"
}

show idpool plan specs --sandbox "$sandbox"
show idpool apply specs --sandbox "$sandbox" --yes
show idpool plan specs --sandbox "$sandbox" --detailed-exitcode
