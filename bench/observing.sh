#!/usr/bin/env bash
# What being watched costs, and whether the log keeps its promises: the processor's time of a scrape every 100 ms; an access log at a steady rate,
# line for line; and one whose reader has stalled, beside requests that go on.
#
#   bench/observing.sh [-s SECONDS] [-q RATE] [-c CONNECTIONS]
#
#   -s  seconds of each part. Default 20
#   -q  requests a second. Default 10000
#   -c  connections. Default 64

source "$(dirname -- "${BASH_SOURCE[0]}")/processes.sh"
seconds=20 rate=10000 connections=64
while getopts s:q:c:h flag; do
  case $flag in s) seconds=$OPTARG ;; q) rate=$OPTARG ;; c) connections=$OPTARG ;; *) usage ;; esac
done
need h2load:nghttp2-client curl:curl
build_origin
build_securely
start_origin origin "$load_cpu" 13
origin=$reply
# write NAME LOG: a configuration whose ports are in `port_NAME` and `metrics_NAME`.
write() {
  local port metrics
  port=$(free_port) metrics=$(free_port)
  printf -v "port_$1" %d "$port"
  printf -v "metrics_$1" %d "$metrics"
  cat >"$dir/$1.yaml" <<YAML
threads: 1
data_dir: $dir/data.$1
listeners: [{address: "127.0.0.1:$port"}]
metrics: {address: "127.0.0.1:$metrics"}
access_log: {path: "$2"}
upstreams: {origin: {servers: ["127.0.0.1:$origin"]}}
sites: [{hosts: ["*"], routes: [{upstream: origin}]}]
YAML
}
# figure METRICS_PORT NAME: the sum of a metric's series.
figure() { curl -s "http://127.0.0.1:$1/metrics" | awk -v name="$2" 'index($1, name "{") == 1 || $1 == name {sum += $2} END {printf "%d", sum}'; }
load() {
  taskset -c "$load_cpu" h2load --h1 -c "$connections" --rps=$((rate / connections)) -D "$seconds" "http://127.0.0.1:$1/page" >"$dir/h2load.txt" 2>&1
  awk '/^requests:/ {print $8, $10 + $12 + $14}' "$dir/h2load.txt" | tr -d ,
}

write steady "$dir/access.log"
start steady 0 "$root/securely" serve -c "$dir/steady.yaml"
await "http://127.0.0.1:$port_steady/" 13 steady
before=$(ticks "${pid[steady]}")
sleep "$seconds"
idle=$(($(ticks "${pid[steady]}") - before))
# The first scrapes are compiled as they run, which a server pays once.
for part in first then; do
  before=$(ticks "${pid[steady]}")
  for ((i = 0; i < seconds * 10; i++)); do
    taskset -c "$load_cpu" curl -s -o "$dir/scrape.txt" "http://127.0.0.1:$metrics_steady/metrics" &
    sleep 0.1
    wait $!
  done
  printf -v "$part" '%s' "$(awk -v t="$(($(ticks "${pid[steady]}") - before))" -v s="$seconds" 'BEGIN {printf "%.2f", t / s}')"
done
printf 'a scrape every 100 ms: %s %% of a core in the first %d s, then %s %% (%d bytes); idle: %s %%\n' "$first" "$seconds" "$then" \
  "$(wc -c <"$dir/scrape.txt")" "$(awk -v t="$idle" -v s="$seconds" 'BEGIN {printf "%.2f", t / s}')"

logged=$(wc -l <"$dir/access.log")
counted=$(figure "$metrics_steady" securely_requests_total)
read -r done_ failed <<<"$(load "$port_steady")"
sleep 1
logged=$(($(wc -l <"$dir/access.log") - logged))
counted=$(($(figure "$metrics_steady" securely_requests_total) - counted))
printf 'log at %d/s: %d answered, %d failed, %d counted, %d lines, %d dropped\n' "$rate" "$done_" "$failed" "$counted" "$logged" "$(figure "$metrics_steady" securely_access_log_dropped_total)"

# The program's standard output is a pipe that nobody reads any more after its first lines.
write stalled -
mkfifo -- "$dir/stalled.pipe"
exec {stalled}<>"$dir/stalled.pipe"
start stalled 0 bash -c "exec '$root/securely' serve -c '$dir/stalled.yaml' >'$dir/stalled.pipe'"
await "http://127.0.0.1:$port_stalled/" 13 stalled
read -r done_ failed <<<"$(load "$port_stalled")"
printf 'log to a pipe that is full: %d answered, %d failed, %d lines written, %d dropped\n' "$done_" "$failed" \
  "$(figure "$metrics_stalled" securely_access_log_lines_total)" "$(figure "$metrics_stalled" securely_access_log_dropped_total)"
