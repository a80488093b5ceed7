#!/usr/bin/env bash
# What the leg to the upstream costs: CPU time of one request of HTTP/1.1 that Securely forwards over HTTP/2, and its ratio to one that it forwards
# over HTTP/1.1, to the same nginx in the same run.
#
#   bench/upstream.sh [-r ROUNDS] [-s SECONDS] [-w SECONDS] [-c CONNECTIONS] [-t THREADS]
#
#   -r  rounds; each measures both. Default 5
#   -s  seconds of load on each in one round. Default 4
#   -w  seconds of load on each before the first round, in which the runtime compiles what is hot. Default 6
#   -c  keep-alive connections of clients. Default 64
#   -t  workers of each. Default 1
#
# nginx answers by itself, on one port in HTTP/1.1 and on the other in HTTP/2 by prior knowledge; it shares the last processor with the load.

source "$(dirname -- "${BASH_SOURCE[0]}")/processes.sh"
rounds=5 seconds=4 warmup=6 connections=64 threads=1
while getopts r:s:w:c:t:h flag; do
  case $flag in
    r) rounds=$OPTARG ;; s) seconds=$OPTARG ;; w) warmup=$OPTARG ;; c) connections=$OPTARG ;; t) threads=$OPTARG ;; *) usage ;;
  esac
done
need nginx:nginx-light wrk:wrk curl:curl
build_securely
declare -A port origin protocol=([over-h1]=h1 [over-h2]=h2c)
names=(over-h1 over-h2)
for name in "${names[@]}"; do port[$name]=$(free_port) origin[$name]=$(free_port); done
cat >"$dir/nginx.conf" <<NGINX
worker_processes 1; daemon off; error_log $dir/nginx.err; pid $dir/nginx.pid;
events { worker_connections 8192; }
http {
  access_log off; keepalive_requests 100000000;
  client_body_temp_path $dir/b; proxy_temp_path $dir/p; fastcgi_temp_path $dir/f; uwsgi_temp_path $dir/u; scgi_temp_path $dir/s;
  server { listen 127.0.0.1:${origin[over-h1]}; location / { return 200 "Hello, World!"; } }
  server { listen 127.0.0.1:${origin[over-h2]} http2; location / { return 200 "Hello, World!"; } }
}
NGINX
start nginx "$load_cpu" nginx -c "$dir/nginx.conf" -e "$dir/nginx.err"
for name in "${names[@]}"; do
  cat >"$dir/$name.yaml" <<YAML
threads: $threads
data_dir: $dir/data.$name
forwarded: off
listeners: [{address: "127.0.0.1:${port[$name]}"}]
upstreams: {origin: {servers: ["127.0.0.1:${origin[$name]}"], protocol: ${protocol[$name]}}}
sites: [{hosts: ["*"], routes: [{upstream: origin}]}]
YAML
  start "$name" 0 "$root/securely" serve -c "$dir/$name.yaml"
  await "http://127.0.0.1:${port[$name]}/" 13 "$name"
done

load() { taskset -c "$load_cpu" wrk -t 1 -c "$connections" -d "$2" --latency "http://127.0.0.1:${port[$1]}/" >"$dir/wrk.txt" 2>&1; }
for name in "${names[@]}"; do load "$name" "$warmup"; done
for ((round = 1; round <= rounds; round++)); do
  for name in "${names[@]}"; do
    before=$(ticks "${pid[$name]}")
    load "$name" "$seconds"
    used=$(($(ticks "${pid[$name]}") - before))
    read_wrk "$dir/wrk.txt"
    printf '%s %d %d %d %d\n' "$name" "$used" "$requests" "$p99" "$errors" >>"$dir/rounds.txt"
  done
done

column() { awk -v name="$1" "\$1 == name && \$3 > 0 {print $2}" "$dir/rounds.txt"; }
cpu='$2 * 10000 / $3'
of_h1=$(column over-h1 "$cpu" | median)
printf '%-8s %10s %8s %8s %9s %8s\n' upstream us/request least most /over-h1 errors
for name in "${names[@]}"; do
  figures=$(column "$name" "$cpu" | sort -n)
  awk -v name="$name" -v median="$(median <<<"$figures")" -v least="$(head -n 1 <<<"$figures")" -v most="$(tail -n 1 <<<"$figures")" -v h1="$of_h1" \
    -v errors="$(column "$name" '$5' | awk '{sum += $1} END {print sum + 0}')" \
    'BEGIN {printf "%-8s %10.2f %8.2f %8.2f %9.2f %8d\n", name, median, least, most, median / h1, errors}'
done
