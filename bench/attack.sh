#!/usr/bin/env bash
# What an attack over HTTP/2 does to the others: p99 and requests a second of ordinary clients of HTTP/2's server alone, then beside three hostile
# connections; and by how much the memory of the server grows. One holds as many streams without a window as the server lets it, for as long as it
# lasts; one asks for more than that; one sends header blocks that stand for megabytes. Whoever is thrown out comes back after a second.
#
#   bench/attack.sh [-n STREAMS] [-s SECONDS] [-w SECONDS] [-c CONNECTIONS] [-t THREADS] [-a again]
#
#   -n  streams that each wants on its connection, and blocks of a volley. Default 1000
#   -s  seconds of one measurement, of which there are four: alone, at first, once more without a figure, and beside the attack. Default 20
#   -w  seconds of ordinary requests before the first one, in which the runtime compiles what is hot. Default 6
#   -c  ordinary connections. Default 64
#   -t  workers of the server. Default 1
#   -a  `again`: whoever is thrown out comes back after 20 ms, which is a flood of connections. It works on the processor of the load

source "$(dirname -- "${BASH_SOURCE[0]}")/processes.sh"
streams=1000 seconds=20 warmup=6 connections=64 threads=1 pause=1000
while getopts n:s:w:c:t:a:h flag; do
  case $flag in
    n) streams=$OPTARG ;; s) seconds=$OPTARG ;; w) warmup=$OPTARG ;; c) connections=$OPTARG ;; t) threads=$OPTARG ;;
    a) [[ $OPTARG == again ]] || usage; pause=20 ;; *) usage ;;
  esac
done
need wrk:wrk curl:curl chrt:util-linux
build_origin
build_securely
build_load
start_origin small "$load_cpu" 13
small=$reply
start_origin large "$load_cpu" 524288 "${behind[@]}"
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

measure_alone "$warmup"

start_asked attack "$load_cpu" "${behind[@]}" "${load_program[@]}" attack --to "127.0.0.1:$port" --streams "$streams" --pause "$pause"
hear attack
# While an attack is new, the runtime compiles what serves it, and the compiler takes its time from the same processor. That is shown; what lasts is
# compared.
load "$seconds"
read_wrk "$dir/wrk.txt"
row 'at first' "$p99" $((requests / seconds)) "$errors" "$(rss "${pid[securely]}")"
load "$seconds"
measure_beside
ask attack report
printf 'attack: %s\n' "$reply"
printf 'p99 beside the attack, relative to alone: %s\n' "$ratio"
printf 'memory grown by: %d KiB\n' $((most - memory))
