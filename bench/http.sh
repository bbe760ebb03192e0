#!/usr/bin/env bash
# Compares the server over HTTP with what Kestrel and JSON alone can do and with FastAPI + PyTorch, one after the other on
# this machine, and prints a Markdown table.
# usage: bench/http.sh   (environment: see servers.sh)
set -euo pipefail
cd "$(dirname "$0")/.."

source bench/servers.sh
python=/usr/bin/python3

publish src/Api:api bench/Load:load bench/Ceiling:ceiling
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
