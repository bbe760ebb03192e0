#!/usr/bin/env bash
# Compares a sequence of 128 timesteps of 512 features as JSON and as bytes (Open Inference Protocol), and prints a Markdown
# table. The network is small (hidden size 16), so that what is compared is not hidden by what is computed.
# usage: bench/tensors.sh   (environment: see servers.sh)
set -euo pipefail
cd "$(dirname "$0")/.."

source bench/servers.sh

publish src/Api:api bench/Load:load
dotnet "$temp/load/Rnn.Bench.Load.dll" write-model "$temp/models" lstm-512-16 512 16 8
ours Rnn --Models:Path="$temp/models"
python3 -B bench/tensors.py "$url" lstm-512-16 128 512
finish
exit "$status"
