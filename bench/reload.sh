#!/usr/bin/env bash
# Reloads a model 100 times while callers step it, and tells how many calls were not answered with 2xx and what memory the server
# takes before, between and after, as Markdown tables.
# usage: bench/reload.sh   (environment: see servers.sh; RELOADS=100, CALLERS=4)
set -euo pipefail
cd "$(dirname "$0")/.."

source bench/servers.sh
reloads=${RELOADS:-100} callers=${CALLERS:-4} model=lstm-128-512

rss() { awk '/^VmRSS/ { printf "%.0f MB\n", $2 / 1024 }' "/proc/$server/status"; }

publish src/Api:api bench/Load:load
dotnet "$temp/load/Rnn.Bench.Load.dll" write-model "$temp/models" "$model" 128 512 8

ours "$reloads reloads" --Models:Path="$temp/models" --Models:Control=Explicit
measure --steps "$callers" --model "$model" --stateless > "$temp/still.md"
before=$(rss)

load --steps "$callers" --model "$model" --stateless --warmup 0 --seconds "${RELOAD_SECONDS:-30}" > "$temp/reloaded.md" &
loading=$!
began=$(date +%s%N)
refused=0
for reload in $(seq "$reloads"); do
  touch "$temp/models/$model/1/model.safetensors"       # other files, as far as the server can tell: they are read and checked anew
  curl -sf -o /dev/null -X POST "$url/api/v1/models/$model/load" || refused=$((refused + 1))
  if [ "$reload" = $((reloads / 2)) ]; then between=$(rss); fi
done
took=$((($(date +%s%N) - began) / 1000000))
during=$(kill -0 "$loading" 2> /dev/null && echo "under load to the last" || echo "THE LOAD ENDED BEFORE: set RELOAD_SECONDS")
after=$(rss)
failed=0
wait "$loading" || status=1 failed="see above"
# What fills up once is full by the half; a model that were left behind each time would be 5 MB each.
grows=$(awk -v half="${between% MB}" -v end="${after% MB}" 'BEGIN { print (end - half > 16 && end > 1.1 * half) ? "grows" : "steady" }')
if [ "$grows" = grows ]; then status=1; fi

cat "$temp/still.md"
tail -1 "$temp/reloaded.md"
cat <<TABLE

| Reloads | Refused | Of each | The callers | Calls failed | RSS before | after $((reloads / 2)) | after $reloads | Verdict |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
| $reloads | $refused | $((took / reloads)) ms | $during | $failed | $before | $between | $after | $grows |
TABLE
exit "$status"
