# Starts servers one after the other and loads them; sourced by the scripts beside it, from the repository's root.
# environment: SECONDS_EACH=5 measured seconds a row, WARMUP=8 seconds a server, PORT=8200

seconds=${SECONDS_EACH:-5} warmup=${WARMUP:-8} url=http://127.0.0.1:${PORT:-8200}
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

# publish PROJECT:NAME...: builds what is measured, for speed.
publish() {
  local project
  for project in "$@"; do
    dotnet publish "${project%:*}" -c Release -o "$temp/${project#*:}" -v quiet --nologo >&2
  done
}
