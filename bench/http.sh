#!/usr/bin/env bash
# Compares the server over HTTP with what Kestrel and JSON alone can do and with FastAPI + PyTorch, one after the other on
# this machine, and prints a Markdown table.
# usage: bench/http.sh   (environment: SECONDS_EACH=5 measured seconds a row, WARMUP=8 seconds a server, PORT=8200)
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${SECONDS_EACH:-5} warmup=${WARMUP:-8} url=http://127.0.0.1:${PORT:-8200}
python=/usr/bin/python3
temp=$(mktemp -d)
server='' label='' status=0 header=()

finish() {
  if [ -n "$server" ]; then
    kill "$server" 2> /dev/null || true
    wait "$server" 2> /dev/null || true
    server=''
  fi
}
trap 'finish; rm -rf "$temp"' EXIT

# start LABEL READY_PATH COMMAND...: waits until the server answers there.
start() {
  label=$1
  local ready=$url$2
  shift 2
  if curl -s -o /dev/null "$url"; then
    echo "Something else answers at $url; set PORT." >&2
    exit 1
  fi
  "$@" > "$temp/server.log" 2>&1 &
  server=$!
  for _ in $(seq 300); do
    if ! kill -0 "$server" 2> /dev/null; then break; fi
    if curl -sf -o /dev/null "$ready"; then return; fi
    sleep 0.1
  done
  echo "$label is not ready:" >&2
  cat "$temp/server.log" >&2
  exit 1
}

load() { dotnet "$temp/load/Rnn.Bench.Load.dll" --url "$url" --pid "$server" --label "$label" "$@"; }

# measure --steps|--streams "CONNECTIONS ..." [LOAD_OPTION...]: a row for each number of connections.
measure() {
  local kind=$1 counts=$2 count
  shift 2
  # Unmeasured, with the most connections: the servers' code is compiled while it runs.
  load "$kind" "${counts##* }" --warmup "$warmup" --seconds 1 "$@" > /dev/null || status=1
  for count in $counts; do
    load "$kind" "$count" --warmup 1 --seconds "$seconds" "${header[@]}" "$@" || status=1
    header=(--no-header)
  done
}

ours() {
  start "$1" /health/ready dotnet "$temp/api/Rnn.Api.dll" --urls "$url" --Serilog:MinimumLevel:Default=Warning "${@:2}"
}

for project in src/Api:api bench/Load:load bench/Ceiling:ceiling; do
  dotnet publish "${project%:*}" -c Release -o "$temp/${project#*:}" -v quiet --nologo >&2
done
# As many outputs as FastAPI sends; and few, so that the reply's JSON does not hide what batching does.
dotnet "$temp/load/Rnn.Bench.Load.dll" write-model "$temp/models" lstm-128-256 128 256 256
dotnet "$temp/load/Rnn.Bench.Load.dll" write-model "$temp/models" lstm-128-1024 128 1024 8

ours Rnn --Models:Path="$temp/models"
measure --steps "1 16 64" --model lstm-128-256
finish

start "Kestrel and JSON alone" /health/ready dotnet "$temp/ceiling/Rnn.Bench.Ceiling.dll" --urls "$url"
measure --steps "1 16 64" --path /step --features 128
finish

if "$python" -c "import torch, fastapi, uvicorn" 2> /dev/null; then
  # Set on some machines for others' sake; PyTorch's BLAS then takes the kernels of another processor.
  start "FastAPI + PyTorch" /openapi.json env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE \
    "$python" -B -m uvicorn --app-dir bench fastapi_service:app --host 127.0.0.1 --port "${url##*:}" --no-access-log --log-level warning
  measure --steps "1 16 64" --path "/sessions/{n}/step" --features 128
  finish
else
  left_out="FastAPI + PyTorch was left out: $python has no torch, fastapi and uvicorn."
fi

ours Rnn --Models:Path="$temp/models"
measure --steps "1 64" --model lstm-128-1024
finish

ours "Rnn, MaxBatchSize=1" --Models:Path="$temp/models" --Batching:MaxBatchSize=1
measure --steps "1 64" --model lstm-128-1024
finish

ours Rnn
measure --streams "1 32" --model austen
finish

if [ -n "${left_out:-}" ]; then
  printf '\n%s\n' "$left_out"
fi
exit "$status"
