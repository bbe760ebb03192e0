#!/usr/bin/env bash
# Reloads a model 100 times while callers step it, and tells how many calls were not answered with 2xx and what memory the server
# takes before and over each tenth of the reloads, as Markdown tables. What is garbage until the next collection comes and goes: the least
# of each tenth tells whether something is left behind.
# usage: bench/reload.sh   (environment: see servers.sh; RELOADS=100, CALLERS=4, RELOAD_SECONDS=30 for them all)
set -euo pipefail
cd "$(dirname "$0")/.."

source bench/servers.sh
reloads=${RELOADS:-100} callers=${CALLERS:-4} model=lstm-128-512

rss() { awk '/^VmRSS/ { printf "%.0f\n", $2 / 1024 }' "/proc/$server/status"; }

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
  echo "$reload $(rss)" >> "$temp/rss"
done
took=$((($(date +%s%N) - began) / 1000000))
during=$(kill -0 "$loading" 2> /dev/null && echo "under load to the last" || echo "THE LOAD ENDED BEFORE: set RELOAD_SECONDS")
failed=0
wait "$loading" || status=1 failed="see above"
# What fills up once is full by the half; a model that were left behind each time would be 5 MB each.
read -r tenths verdict < <(awk -v reloads="$reloads" '
  { tenth = int(($1 - 1) * 10 / reloads); if (!(tenth in least) || $2 < least[tenth]) least[tenth] = $2 }
  END {
    for (tenth = 0; tenth < 10; tenth++) row = row (tenth ? "|" : "") least[tenth]
    before = least[5] < least[6] ? least[5] : least[6]
    end = least[8] < least[9] ? least[8] : least[9]
    print row, (end - before > 16 && end > 1.1 * before) ? "grows" : "steady"
  }' "$temp/rss")
if [ "$verdict" = grows ]; then status=1; fi

cat "$temp/still.md"
tail -1 "$temp/reloaded.md"
cat <<TABLE

| Reloads | Refused | Of each | The callers | Calls failed |
| --- | --- | --- | --- | --- |
| $reloads | $refused | $((took / reloads)) ms | $during | $failed |

| RSS before, MB | least of each tenth | | | | | | | | | | Verdict |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
| $before | ${tenths//|/ | } | $verdict |
TABLE
exit "$status"
