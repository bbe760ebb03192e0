#!/usr/bin/env bash
# Clients of all kinds for a long time: steps, sequences, generations as a whole and as streams, sessions and forks that come and go, streams
# that are left, wrong requests. Every ten seconds the server collects its garbage and is looked at; what takes more at its least in the
# last quarter than in the one before is named.
# usage: bench/soak.sh [MINUTES=20] [--leak]   (environment: see servers.sh; CLIENTS=16, EVERY=10). --leak never deletes a session, and must be told.
set -euo pipefail
cd "$(dirname "$0")/.."

source bench/servers.sh
minutes=20 leak=()
for argument in "$@"; do
  if [ "$argument" = --leak ]; then leak=(--leak); else minutes=$argument; fi
done

publish src/Api:api bench/Load:load
# As many sessions as a leak makes: none may be evicted to hide it.
ours Rnn --Sessions:Capacity=10000000 --Sessions:MaxBytes=20000000000
load --steps "${CLIENTS:-16}" --model austen --soak "$minutes" --every "${EVERY:-10}" "${leak[@]}" || status=1
finish
exit "$status"
