#!/usr/bin/env bash
# Compares the stores of sessions: the same steps over HTTP, each kept in memory, in SQLite and in Redis, one after the other on this
# machine, and prints a Markdown table. Redis runs on the same machine, with its append-only file.
# usage: bench/stores.sh   (environment: see servers.sh)
set -euo pipefail
cd "$(dirname "$0")/.."

source bench/servers.sh
redis='' redis_port=$((${url##*:} + 1))

trap 'finish; if [ -n "$redis" ]; then kill "$redis" 2> /dev/null || true; wait "$redis" 2> /dev/null || true; fi; rm -rf "$temp"' EXIT

publish src/Api:api bench/Load:load
dotnet "$temp/load/Rnn.Bench.Load.dll" write-model "$temp/models" lstm-64-256 64 256 8

store() {
  ours "$1" --Models:Path="$temp/models" "${@:2}"
  measure --steps "1 64" --model lstm-64-256
  finish
}

store "memory"
store "SQLite, Normal" --Store:Kind=Sqlite --Store:Path="$temp/normal.db" --Store:Synchronous=Normal
store "SQLite, Full" --Store:Kind=Sqlite --Store:Path="$temp/full.db"
if command -v redis-server > /dev/null; then
  mkdir "$temp/redis"
  for fsync in everysec always; do
    redis-server --port "$redis_port" --bind 127.0.0.1 --dir "$temp/redis" --save '' --appendonly yes --appendfsync "$fsync" > "$temp/redis.log" &
    redis=$!
    store "Redis, $fsync" --Store:Kind=Redis --Store:Redis="127.0.0.1:$redis_port"
    kill "$redis"
    wait "$redis" || true
    redis=''
  done
else
  printf '\nRedis was left out: there is no redis-server.\n'
fi
exit "$status"
