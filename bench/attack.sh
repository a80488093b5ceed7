#!/usr/bin/env bash
# What an attack over HTTP/2 does to the others: p99 and requests a second of ordinary clients of HTTP/2's server alone, then beside a client that
# opens streams whose responses have no window, 1,000 on a connection, and sends header blocks that stand for megabytes; and by how much the memory
# of the server grows.
#
#   bench/attack.sh [-n STREAMS] [-s SECONDS] [-w SECONDS] [-c CONNECTIONS] [-t THREADS]
#
#   -n  streams that the attacker wants on one connection. Default 1000
#   -s  seconds of one measurement, of which there are two. Default 20
#   -w  seconds of ordinary requests before the first one, in which the runtime compiles what is hot. Default 6
#   -c  ordinary connections. Default 64
#   -t  workers of the server. Default 1

source "$(dirname -- "${BASH_SOURCE[0]}")/processes.sh"
streams=1000 seconds=20 warmup=6 connections=64 threads=1
while getopts n:s:w:c:t:h flag; do
  case $flag in
    n) streams=$OPTARG ;; s) seconds=$OPTARG ;; w) warmup=$OPTARG ;; c) connections=$OPTARG ;; t) threads=$OPTARG ;; *) usage ;;
  esac
done
need wrk:wrk curl:curl
build_origin
build_securely
build_load
start_origin small "$load_cpu" 13
small=$reply
start_origin large "$load_cpu" 524288
large=$reply
port=$(free_port)
cat >"$dir/securely.yaml" <<YAML
threads: $threads
data_dir: $dir/data
listeners: [{address: "127.0.0.1:$port"}]
upstreams: {small: {servers: ["127.0.0.1:$small"]}, large: {servers: ["127.0.0.1:$large"]}}
sites: [{hosts: ["*"], routes: [{match: {path: /large}, upstream: large}, {upstream: small}]}]
YAML
start securely 0 "$root/securely" serve -c "$dir/securely.yaml"
await "http://127.0.0.1:$port/" 13 securely

load() { taskset -c "$load_cpu" wrk -t 1 -c "$connections" -d "$1" --latency "http://127.0.0.1:$port/" >"$dir/wrk.txt" 2>&1; }

# watch_memory: notes the resident memory of the server every second, until it is ended.
watch_memory() { while true; do rss "${pid[securely]}"; sleep 1; done >>"$dir/memory.txt"; }

row() { printf '%-8s %10s %12s %8s %12s\n' "$@"; }
row '' 'p99 us' 'requests/s' errors 'rss KiB'
load "$warmup"
load "$seconds"
read_wrk "$dir/wrk.txt"
alone=$p99 memory=$(rss "${pid[securely]}")
row alone "$p99" $((requests / seconds)) "$errors" "$memory"

start_asked attack "$load_cpu" "${load_program[@]}" attack --to "127.0.0.1:$port" --streams "$streams"
hear attack
watch_memory &
watching=$!
load "$seconds"
kill "$watching"
wait "$watching" 2>/dev/null
read_wrk "$dir/wrk.txt"
most=$(sort -n "$dir/memory.txt" | tail -n 1)
row beside "$p99" $((requests / seconds)) "$errors" "$most"
ask attack report
printf 'attack: %s\n' "$reply"
printf 'p99 beside the attack, relative to alone: %s\n' "$(awk -v a="$alone" -v b="$p99" 'BEGIN {printf "%.2f", b / (a ? a : 1)}')"
printf 'memory grown by: %d KiB\n' $((most - memory))
