#!/usr/bin/env bash
# What slow clients do to the others: p99 and requests a second of ordinary clients alone, then beside 2,000 slow ones of each kind, who arrive over
# 15 seconds and come back whenever they are cut off; the memory of the server; and whether each slow one is gone at its deadline.
#
#   bench/slow.sh [-n CLIENTS] [-s SECONDS] [-w SECONDS] [-c CONNECTIONS] [-t THREADS] [-k KINDS] [-m tls] [-g BYTES]
#
#   -n  slow clients of each kind. Default 2000
#   -s  seconds of one measurement, of which there are two. Default 60
#   -w  seconds of ordinary requests before the first one, in which the runtime compiles what is hot. Default 6
#   -c  ordinary connections. Default 64
#   -t  workers of the server. Default 1
#   -k  kinds, with commas between them. Default header,body,reader,idle
#   -m  `tls` adds the kind `handshake`: clients of a TLS listener of which one half sends nothing and the other half of a hello
#   -g  bytes of the response that slow readers do not read; more than the kernels' buffers take. Default 524288: each of the origin's sockets would
#       take 4 MiB, and 2,000 of those exhaust the memory that the kernel has for TCP, which stops everybody
#
# The deadlines are short, so that every client is cut off several times in a minute: 5 s for a handshake, 8 s for a header, 10 s for a body that
# trickles, 12 s for a response that nobody takes, 15 s between two requests. `least` and `most` are how long a connection was endured; 3 s more than
# the deadline are allowed, for a client looks once a second, and 6 s to a reader, whose deadline begins when the kernels' buffers are full.

source "$(dirname -- "${BASH_SOURCE[0]}")/processes.sh"
clients=2000 seconds=60 warmup=6 connections=64 threads=1 kinds=header,body,reader,idle large=524288
while getopts n:s:w:c:t:k:m:g:h flag; do
  case $flag in
    n) clients=$OPTARG ;; s) seconds=$OPTARG ;; w) warmup=$OPTARG ;; c) connections=$OPTARG ;; t) threads=$OPTARG ;; k) kinds=$OPTARG ;;
    m) [[ $OPTARG == tls ]] || usage; kinds+=,handshake ;; g) large=$OPTARG ;; *) usage ;;
  esac
done
IFS=, read -ra kind_names <<<"$kinds"
declare -A deadline=([handshake]=5 [header]=8 [body]=10 [reader]=12 [idle]=15) slack=([reader]=6)
for kind in "${kind_names[@]}"; do [[ -n ${deadline[$kind]:-} ]] || usage; done
# The server has a connection to an upstream for each slow body and reader too.
need_files $((clients * (${#kind_names[@]} + 2) * 8 / 7 + connections + 1000))
need wrk:wrk curl:curl chrt:util-linux
build_origin
build_securely
build_load
start_origin small "$load_cpu" 13
small=$reply
start_origin large "$load_cpu" "$large" "${behind[@]}"
large_port=$reply
start_asked sink "$load_cpu" "${behind[@]}" "${load_program[@]}" sink
hear sink
sink=$reply
port=$(free_port) tls_port=
timeouts='{handshake: 5s, header: 8s, body: 10s, write: 12s, idle: 15s, min_receive_rate: 8KiB/s}'
{
  printf 'threads: %d\ndata_dir: %s\nlisteners:\n' "$threads" "$dir/data"
  printf '  - {address: "127.0.0.1:%d", timeouts: %s}\n' "$port" "$timeouts"
  if [[ $kinds == *handshake* ]]; then
    tls_port=$(free_port)
    printf '  - {address: "127.0.0.1:%d", tls: auto, timeouts: %s}\n' "$tls_port" "$timeouts"
  fi
  cat <<YAML
upstreams: {small: {servers: ["127.0.0.1:$small"]}, large: {servers: ["127.0.0.1:$large_port"]}, sink: {servers: ["$sink"]}}
sites: [{hosts: ["*"], routes: [{match: {path: /large}, upstream: large}, {match: {path: /sink}, upstream: sink}, {upstream: small}]}]
YAML
} >"$dir/securely.yaml"
start securely 0 "$root/securely" serve -c "$dir/securely.yaml"
await "http://127.0.0.1:$port/" 13 securely

measure_alone "$warmup"

start_asked slow "$load_cpu" "${behind[@]}" "${load_program[@]}" slow --to "127.0.0.1:$port" ${tls_port:+--tls "127.0.0.1:$tls_port"} --kinds "$kinds" --clients "$clients"
hear slow
[[ $reply == "slow $((clients * ${#kind_names[@]}))" ]] || fail "not every slow client has been let in: $reply"
measure_beside
printf 'p99 beside the slow clients, relative to alone: %s\n' "$ratio"

# Nobody comes back: the last of them has to go within its deadline, and a second for the turn in which it notices.
ask slow leave
for ((left = 1, waited = 0; left > 0 && waited < 30; waited++)); do
  sleep 1
  ask slow report
  left=0
  for kind in "${kind_names[@]}"; do left=$((left + $(value "$kind.left"))); done
done
late=0
printf '%-10s %8s %8s %8s %11s %11s %11s %6s\n' kind opened gone refused 'least s' 'most s' 'deadline s' left
for kind in "${kind_names[@]}"; do
  printf '%-10s %8d %8d %8d %11.1f %11.1f %11d %6d\n' "$kind" "$(value "$kind.opened")" "$(value "$kind.gone")" "$(value "$kind.refused")" \
    "$(awk -v ms="$(value "$kind.least")" 'BEGIN {print ms / 1000}')" "$(awk -v ms="$(value "$kind.most")" 'BEGIN {print ms / 1000}')" "${deadline[$kind]}" "$(value "$kind.left")"
  (($(value "$kind.most") <= (deadline[$kind] + ${slack[$kind]:-3}) * 1000 && $(value "$kind.left") == 0)) || late=1
done
printf 'resident memory when they have gone: %d KiB\n' "$(rss "${pid[securely]}")"
((late == 0)) || fail "a slow client has been endured for longer than its deadline and some seconds"
