#!/usr/bin/env bash
# What SIGTERM does to requests: a server under load is told to end, then one whose connections all wait.
#
#   bench/shutdown.sh [-s SECONDS] [-c CONNECTIONS] [-t THREADS]
#
#   -s  seconds of load before the signal. Default 2
#   -c  connections. Default 64
#   -t  workers of the server. Default 2
#
# Columns: `answered` are whole responses. `cut` are responses that began and did not end; there must be none. `unanswered` are requests that
# were sent on a connection which the server was just ending, and got nothing; HTTP/1.1 lets a client send those again (RFC 9112 9.3.1).
# `idle ended` are connections that the server ended between two requests. wrk does not tell these apart, and counts every connect that is
# refused when nobody listens any more. `exit` is the exit code, `ms` the time from the signal to the end of the process.

source "$(dirname -- "${BASH_SOURCE[0]}")/processes.sh"
seconds=2 connections=64 threads=2
while getopts s:c:t:h flag; do case $flag in s) seconds=$OPTARG ;; c) connections=$OPTARG ;; t) threads=$OPTARG ;; *) usage ;; esac; done
need wrk:wrk curl:curl
build_origin
build_securely
build_load
start_origin origin "$load_cpu" 13
origin=$reply
all_cpus=0-$load_cpu

serve() {
  port=$(free_port)
  cat >"$dir/securely.yaml" <<YAML
threads: $threads
listeners: [{address: "127.0.0.1:$port"}]
upstreams: {origin: {servers: ["127.0.0.1:$origin"]}}
sites: [{hosts: ["*"], routes: [{upstream: origin}]}]
YAML
  start securely "$all_cpus" "$root/securely" serve -c "$dir/securely.yaml"
  await "http://127.0.0.1:$port/" 13 securely
}

# terminate: ends the server; `code` and `took` (milliseconds) say how.
terminate() {
  local began=${EPOCHREALTIME/[.,]/}
  kill -TERM "${pid[securely]}"
  wait "${pid[securely]}"
  code=$?
  took=$(((${EPOCHREALTIME/[.,]/} - began) / 1000))
  unset 'pid[securely]'
}

row() { printf '%-8s %9s %5s %11s %11s %11s %5s %6s\n' "$@"; }
row load answered cut unanswered 'idle ended' 'wrk errors' exit ms

serve
start_asked flood "$load_cpu" "${load_program[@]}" load --to "127.0.0.1:$port" --connections "$connections" --warmup 1000
hear flood
[[ $reply == warm ]] || fail "not every request of the warm-up was answered: $reply"
printf 'flood\n' >&"${to[flood]}"
sleep "$seconds"
terminate
hear flood
(($(value refused) + $(value timedout) == 0)) || fail "responses with an error, or none in ten seconds: $reply"
row exact "$(value answered)" "$(value cut)" "$(value unanswered)" "$(value closed_idle)" - "$code" "$took"

serve
taskset -c "$load_cpu" wrk -t 1 -c "$connections" -d $((seconds + 1)) --latency "http://127.0.0.1:$port/" >"$dir/wrk.txt" 2>&1 &
wrk=$!
sleep "$seconds"
terminate
wait "$wrk"
read_wrk "$dir/wrk.txt"
row wrk "$requests" - - - "$errors" "$code" "$took"

serve
start_asked hold "$load_cpu" "${load_program[@]}" hold --to "127.0.0.1:$port" --connections "$connections"
hear hold
[[ $reply == "held $connections" ]] || fail "not every connection was served: $reply"
terminate
row idle "$connections" - - - - "$code" "$took"
