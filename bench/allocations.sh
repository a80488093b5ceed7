#!/usr/bin/env bash
# What one request allocates in the serving process: the growth of GC.GetTotalAllocatedBytes(true), asked inside of it before and after
# a million requests on 64 warm connections, divided by their number.
#
#   bench/allocations.sh [-n REQUESTS] [-c CONNECTIONS] [-b BODY_BYTES] [-w REQUESTS] [-m MODE] [-f] [-d]
#
#   -n  requests. Default 1000000
#   -c  keep-alive connections. Default 64
#   -b  bytes of the response's body. Default 13
#   -w  requests of the same connections before, so that everything that is made once has been made. Default 200000
#   -m  `h2c` or `h2`: clients of HTTP/2, in cleartext or inside of TLS 1.3, ten requests at a time on each connection, with h2load: the requests are
#       those that the server has counted, -n or a few more. A tenth of -c connections. Inside of TLS the runtime allocates too. Default: HTTP/1.1
#   -f  a full configuration: five routes of which the request hits the last, a header set on each side, forwarding headers
#   -d  drift: five times as many requests, with the resident memory after each fifth

source "$(dirname -- "${BASH_SOURCE[0]}")/processes.sh"
count=1000000 connections=64 body=13 warmup=200000 full=false laps=1 mode=h1
while getopts n:c:b:w:m:fdh flag; do
  case $flag in
    n) count=$OPTARG ;; c) connections=$OPTARG ;; b) body=$OPTARG ;; w) warmup=$OPTARG ;;
    m) mode=$OPTARG ;; f) full=true ;; d) laps=5 ;; *) usage ;;
  esac
done
case $mode in h1) ;; h2c | h2) need h2load:nghttp2-client ;; *) usage ;; esac
build_origin
build_load
start_origin origin "$load_cpu" "$body"
certificate=() scheme=http
if [[ $mode == h2 ]]; then
  make_certificate
  certificate=(--cert "$dir/cert.pem" --key "$dir/key.pem") scheme=https
fi
start_asked serve 0 "${load_program[@]}" serve --upstream "127.0.0.1:$reply" --full "$full" "${certificate[@]}"
hear serve
server=$reply

# reach REQUESTS: waits until the server has counted so many.
reach() {
  while true; do
    ask serve measure
    (($(value requests) < $1)) || return 0
    kill -0 "${pid[h2load]}" 2>/dev/null || { cat -- "$dir/h2load.log" >&2; fail "h2load has ended"; }
    sleep 0.2
  done
}

if [[ $mode == h1 ]]; then
  start_asked load "$load_cpu" "${load_program[@]}" load --to "$server" --connections "$connections" --warmup "$warmup"
  hear load
  [[ $reply == warm ]] || fail "not every request of the warm-up was answered: $reply"
else
  start h2load "$load_cpu" h2load --npn-list=h2 --no-tls-proto=h2c -t 1 -c $(((connections + 9) / 10)) -m 10 -D 36000 "$scheme://$server/"
  reach "$warmup"
fi

# go: the requests of one lap; how many were answered is in `answered`, how many there were in `asked`, and how long they took in `took`.
go() {
  if [[ $mode == h1 ]]; then
    ask load "go $count"
    answered=$(value answered) asked=$count took=$(value seconds)
  else
    local before=$1 began=$EPOCHREALTIME
    reach $((before + count))
    asked=$(($(value requests) - before)) took=$(awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN {print b - a}')
    answered=$asked
  fi
}

# The first measurement brings its own code and buffers into being.
ask serve measure
printf '%-10s %14s %6s %6s %10s %9s %10s\n' requests 'bytes/request' gen0 gen2 'rss KiB' errors requests/s
for ((lap = 1; lap <= laps; lap++)); do
  ask serve measure
  allocated=$(value allocated) gen0=$(value gen0) gen2=$(value gen2)
  go "$(value requests)"
  [[ $mode != h1 ]] || ask serve measure
  awk -v n="$asked" -v total="$((lap * asked))" -v bytes="$(($(value allocated) - allocated))" -v gen0="$(($(value gen0) - gen0))" \
    -v gen2="$(($(value gen2) - gen2))" -v rss="$(value rss)" -v answered="$answered" -v seconds="$took" \
    'BEGIN {printf "%-10d %14.3f %6d %6d %10d %9d %10.0f\n", total, bytes / n, gen0, gen2, rss / 1024, n - answered, n / seconds}'
done
