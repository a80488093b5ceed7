#!/usr/bin/env bash
# What one request allocates in the serving process: the growth of GC.GetTotalAllocatedBytes(true), asked inside of it before and after
# a million requests on 64 warm connections, divided by their number.
#
#   bench/allocations.sh [-n REQUESTS] [-c CONNECTIONS] [-b BODY_BYTES] [-w REQUESTS] [-f] [-d]
#
#   -n  requests. Default 1000000
#   -c  keep-alive connections. Default 64
#   -b  bytes of the response's body. Default 13
#   -w  requests of the same connections before, so that everything that is made once has been made. Default 200000
#   -f  a full configuration: five routes of which the request hits the last, a header set on each side, forwarding headers
#   -d  drift: five times as many requests, with the resident memory after each fifth

source "$(dirname -- "${BASH_SOURCE[0]}")/processes.sh"
count=1000000 connections=64 body=13 warmup=200000 full=false laps=1
while getopts n:c:b:w:fdh flag; do
  case $flag in
    n) count=$OPTARG ;; c) connections=$OPTARG ;; b) body=$OPTARG ;; w) warmup=$OPTARG ;; f) full=true ;; d) laps=5 ;; *) usage ;;
  esac
done
build_origin
build_load
start_origin origin "$load_cpu" "$body"
start_asked serve 0 "${load_program[@]}" serve --upstream "127.0.0.1:$reply" --full "$full"
hear serve
start_asked load "$load_cpu" "${load_program[@]}" load --to "$reply" --connections "$connections" --warmup "$warmup"
hear load
[[ $reply == warm ]] || fail "not every request of the warm-up was answered: $reply"

# The first measurement brings its own code and buffers into being.
ask serve measure
printf '%-10s %14s %6s %6s %10s %9s %10s\n' requests 'bytes/request' gen0 gen2 'rss KiB' errors requests/s
for ((lap = 1; lap <= laps; lap++)); do
  ask serve measure
  allocated=$(value allocated) gen0=$(value gen0) gen2=$(value gen2)
  ask load "go $count"
  answered=$(value answered) seconds=$(value seconds)
  ask serve measure
  awk -v n="$count" -v total="$((lap * count))" -v bytes="$(($(value allocated) - allocated))" -v gen0="$(($(value gen0) - gen0))" \
    -v gen2="$(($(value gen2) - gen2))" -v rss="$(value rss)" -v answered="$answered" -v seconds="$seconds" \
    'BEGIN {printf "%-10d %14.3f %6d %6d %10d %9d %10.0f\n", total, bytes / n, gen0, gen2, rss / 1024, n - answered, n / seconds}'
done
