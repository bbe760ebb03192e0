#!/usr/bin/env bash
# What the server does with four times what it can do, for steps of a heavy model and for sequences of characters: how many calls it takes and
# how long they wait, how soon it refuses the others, and when it is well again. Server and load program have a core each. Each call moves a
# session and says where that must be: nothing may be lost or done twice.
# usage: bench/overload.sh   (environment: see servers.sh; FACTOR=4, SERVER_CPU=0, LOAD_CPU=1)
set -euo pipefail
cd "$(dirname "$0")/.."

SECONDS_EACH=${SECONDS_EACH:-20}
source bench/servers.sh
factor=${FACTOR:-4} server_cpu=${SERVER_CPU:-0} load_cpu=${LOAD_CPU:-1}

publish src/Api:api bench/Load:load
dotnet "$temp/load/Rnn.Bench.Load.dll" write-model "$temp/models" lstm-8-3072 8 3072 1
cp -r models/austen "$temp/models/austen"

# run LABEL LOAD_OPTION...: a server of its own on one core, and the table.
run() {
  start "$1" /health/ready taskset -c "$server_cpu" dotnet "$temp/api/Rnn.Api.dll" --urls "$url" --Serilog:MinimumLevel:Default=Warning --Models:Path="$temp/models"
  taskset -c "$load_cpu" dotnet "$temp/load/Rnn.Bench.Load.dll" --url "$url" --pid "$server" --label "$1" --steps 64 --overload "$factor" --warmup "$warmup" --seconds "$seconds" "${@:2}" || status=1
  echo
  finish
}

run "lstm-8-3072, steps" --model lstm-8-3072
run "austen, sequences of 300" --model austen --timesteps 300
exit "$status"
