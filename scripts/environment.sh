#!/bin/sh
# Makes a virtual environment of the packages that lock files pin, and installs idpool into it:
#   scripts/environment.sh FOLDER LOCK...
# Nothing is resolved here (--no-deps): what is published after a lock was made changes nothing.
# PYTHON names the Python to take; else the first on PATH that is new enough.
set -eu
folder=$1
shift

candidates=${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}
for python in $candidates; do
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break
  python=
done
if [ -z "$python" ]; then
  echo "idpool needs Python 3.11 or newer, and none of these is one: $candidates" >&2
  exit 1
fi

total=$(cat "$@" | grep -c '^[^ #]')
printf 'Making %s with %s: %s packages, each pinned and hashed ...\n' "$folder" "$python" "$total"
"$python" -m venv --clear "$folder"
log=$folder/install.log

pip() { "$folder/bin/python" -m pip --disable-pip-version-check "$@"; }

install() {
  for lock in "$@"; do
    set -- "$@" --requirement "$lock"
    shift
  done
  # Bytecode is compiled when it is first imported: most of it never is.
  pip install --require-hashes --no-deps --no-compile --progress-bar off "$@" &&
    pip install --no-deps --no-build-isolation --no-compile --editable . &&
    pip check
}

# One line that moves on a terminal; elsewhere a line each ten seconds.
progress() {
  seen=$(grep -c '^Collecting' "$log" || true)
  if [ "$seen" -lt "$total" ]; then doing="$seen of $total packages fetched"; else doing=installing; fi
  if [ -t 1 ]; then
    printf '\r  %-40s' "$doing, $1 s"
  elif [ $(($1 % 10)) = 0 ]; then
    printf '  %s, %s s\n' "$doing" "$1"
  fi
}

install "$@" >"$log" 2>&1 &
installing=$!
# The shell lets what runs in the background ignore Ctrl-C.
trap 'kill "$installing" 2>/dev/null; exit 130' INT TERM
seconds=0
while kill -0 "$installing" 2>/dev/null; do
  sleep 1
  seconds=$((seconds + 1))
  progress "$seconds"
done
if [ -t 1 ]; then printf '\r%-44s\r' ''; fi
if ! wait "$installing"; then
  cat "$log" >&2
  echo "$folder could not be made: see above" >&2
  exit 1
fi
touch "$folder/.installed"
