#!/usr/bin/env bash
# Sessions that are stepped over WebSockets as sensors would, each at its own times, and prints a Markdown table.
# usage: bench/socket.sh   (environment: see servers.sh; SECONDS_EACH is 60 here)
set -euo pipefail
cd "$(dirname "$0")/.."

SECONDS_EACH=${SECONDS_EACH:-60}
source bench/servers.sh

publish src/Api:api bench/Load:load
dotnet "$temp/load/Rnn.Bench.Load.dll" write-model "$temp/models" lstm-8-64 8 64 8

ours Rnn --Models:Path="$temp/models"
measure --sockets "50 100 200" --rate 100 --model lstm-8-64
finish
exit "$status"
