#!/usr/bin/env bash
# What an idle connection holds: the growth of the serving process's resident memory by 9,000 keep-alive connections that have made one
# request each and then wait, divided by their number.
#
#   bench/idle.sh [-n CONNECTIONS] [-w REQUESTS] [-f]
#
#   -n  connections. Default 9000
#   -w  requests before the first measurement. Default 500
#   -f  a full configuration: five routes of which the request hits the last, a header set on each side, forwarding headers

source "$(dirname -- "${BASH_SOURCE[0]}")/processes.sh"
count=9000 warmup=500 full=false
while getopts n:w:fh flag; do case $flag in n) count=$OPTARG ;; w) warmup=$OPTARG ;; f) full=true ;; *) usage ;; esac; done
need_files $((count + 500))
build_origin
build_load
start_origin origin "$load_cpu" 13
start_asked serve 0 "${load_program[@]}" serve --upstream "127.0.0.1:$reply" --full "$full"
hear serve
address=$reply
start_asked warm "$load_cpu" "${load_program[@]}" load --to "$address" --connections 8 --warmup "$warmup"
hear warm
[[ $reply == warm ]] || fail "not every request of the warm-up was answered: $reply"

before=$(rss "${pid[serve]}")
start_asked hold "$load_cpu" "${load_program[@]}" hold --to "$address" --connections "$count"
hear hold
[[ $reply == "held $count" ]] || fail "not every connection was served: $reply"
after=$(rss "${pid[serve]}")
ask serve collect
collected=$(rss "${pid[serve]}")
connections=$(value connections) heap=$(value heap)
ask hold again
[[ $reply == "held $count" ]] || fail "not every connection has lived through the wait: $reply"

printf '%d connections: %d KiB before, %d KiB after, %d KiB after a collection (managed heap then: %d KiB)\n' \
  "$connections" "$before" "$after" "$collected" $((heap / 1024))
printf 'bytes for each idle connection: %d\n' $(((after - before) * 1024 / count))
printf 'after a collection:             %d\n' $(((collected - before) * 1024 / count))
