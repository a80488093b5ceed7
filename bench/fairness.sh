#!/usr/bin/env bash
# Whether one large download starves small requests: their p99 on one worker alone, then beside a client that downloads a gigabyte at full
# speed again and again. nginx and HAProxy go through the same, and so does the origin without any proxy, which shows how much of the ratio
# is the load's own processor being busy.
#
#   bench/fairness.sh [-r ROUNDS] [-s SECONDS] [-w SECONDS] [-c CONNECTIONS] [-p CPU] [-q CPU] [-g BYTES]
#
#   -r  rounds. Default 3
#   -s  seconds of one measurement. Default 5
#   -w  seconds of small requests before the first round, in which the runtime compiles what is hot. Default 6
#   -c  connections of small requests. Default 64
#   -p  the processor of the proxies. Default 0; the small requests and their origin are on the last one
#   -q  the processor of the download and its origin. Default: the last one too; give another where there are three
#   -g  bytes of the download. Default 1073741824
#
#   bench/fairness.sh spread [-t THREADS] [-c CONNECTIONS]
#
# opens connections at once (default 1000) to a server with several workers (default 4) and prints how many each of them got.

source "$(dirname -- "${BASH_SOURCE[0]}")/processes.sh"
if [[ ${1:-} == spread ]]; then
  shift
  threads=4 connections=1000
  while getopts t:c:h flag; do case $flag in t) threads=$OPTARG ;; c) connections=$OPTARG ;; *) usage ;; esac; done
  need_files $((2 * connections + 500))
  build_load
  "${load_program[@]}" spread --threads "$threads" --connections "$connections"
  exit
fi

rounds=3 seconds=5 warmup=6 connections=64 cpu=0 download_cpu=$load_cpu size=1073741824
while getopts r:s:w:c:p:q:g:h flag; do
  case $flag in
    r) rounds=$OPTARG ;; s) seconds=$OPTARG ;; w) warmup=$OPTARG ;; c) connections=$OPTARG ;; p) cpu=$OPTARG ;; q) download_cpu=$OPTARG ;; g) size=$OPTARG ;; *) usage ;;
  esac
done
need nginx:nginx-light haproxy:haproxy wrk:wrk curl:curl
build_origin
build_securely
start_origin small "$load_cpu" 13
small=$reply
start_origin large "$download_cpu" "$size"
large=$reply

declare -A port
names=(securely nginx haproxy)
for name in "${names[@]}"; do port[$name]=$(free_port); done
cat >"$dir/securely.yaml" <<YAML
threads: 1
listeners: [{address: "127.0.0.1:${port[securely]}"}]
upstreams: {small: {servers: ["127.0.0.1:$small"]}, large: {servers: ["127.0.0.1:$large"]}}
sites: [{hosts: ["*"], routes: [{match: {path: /large}, upstream: large}, {upstream: small}]}]
YAML
cat >"$dir/nginx.conf" <<NGINX
worker_processes 1; daemon off; error_log $dir/nginx.err; pid $dir/nginx.pid;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 100000000; proxy_max_temp_file_size 0;
  client_body_temp_path $dir/b; proxy_temp_path $dir/p; fastcgi_temp_path $dir/f; uwsgi_temp_path $dir/u; scgi_temp_path $dir/s;
  upstream small { server 127.0.0.1:$small; keepalive 512; keepalive_requests 100000000; }
  upstream large { server 127.0.0.1:$large; keepalive 4; }
  server {
    listen 127.0.0.1:${port[nginx]};
    proxy_http_version 1.1; proxy_set_header Connection "";
    location / { proxy_pass http://small; }
    location = /large { proxy_pass http://large; }
  }
}
NGINX
cat >"$dir/haproxy.cfg" <<HAPROXY
global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  http-reuse always
frontend front
  bind 127.0.0.1:${port[haproxy]}
  use_backend large if { path /large }
  default_backend small
backend small
  server s 127.0.0.1:$small maxconn 4096
backend large
  server s 127.0.0.1:$large
HAPROXY
start securely "$cpu" "$root/securely" serve -c "$dir/securely.yaml"
start nginx "$cpu" nginx -c "$dir/nginx.conf" -e "$dir/nginx.err"
start haproxy "$cpu" haproxy -f "$dir/haproxy.cfg"
for name in "${names[@]}"; do await "http://127.0.0.1:${port[$name]}/page" 13 "$name"; done
names+=('no proxy') port['no proxy']=$small

load() { taskset -c "$load_cpu" wrk -t 1 -c "$connections" -d "$2" --latency "http://127.0.0.1:${port[$1]}/page" >"$dir/wrk.txt" 2>&1; }

# download NAME FILE: for as long as a measurement takes; the bytes of each transfer go to the file, those of the last, cut one too.
download() {
  local url=http://127.0.0.1:${port[$1]}/large end=$((SECONDS + seconds + 1))
  [[ $1 != 'no proxy' ]] || url=http://127.0.0.1:$large/
  while ((SECONDS < end)); do
    taskset -c "$download_cpu" curl -s --max-time $((end - SECONDS)) -o /dev/null -w '%{size_download}\n' "$url" >>"$2"
  done
}

# measure NAME ALONE-OR-BESIDE
measure() {
  local downloading=
  rm -f -- "$dir/downloaded.txt"
  if [[ $2 == beside ]]; then
    download "$1" "$dir/downloaded.txt" &
    downloading=$!
  fi
  load "$1" "$seconds"
  [[ -z $downloading ]] || wait "$downloading"
  read_wrk "$dir/wrk.txt"
  printf '%s\t%s\t%d\t%d\t%d\t%.0f\n' "$1" "$2" "$p99" "$((requests / seconds))" "$errors" \
    "$(awk -v s="$((seconds + 1))" '{sum += $1} END {print sum / s / 1000000}' "$dir/downloaded.txt" 2>/dev/null || echo 0)" >>"$dir/rounds.txt"
}

for name in "${names[@]}"; do load "$name" "$warmup"; done
for ((round = 1; round <= rounds; round++)); do
  for name in "${names[@]}"; do
    measure "$name" alone
    measure "$name" beside
  done
done

figure() { awk -F '\t' -v name="$1" -v state="$2" "\$1 == name && \$2 == state {print \$$3}" "$dir/rounds.txt" | median; }
printf '%-10s %12s %13s %7s %11s %12s %13s %7s\n' '' 'p99 us alone' 'p99 us beside' ratio 'req/s alone' 'req/s beside' 'download MB/s' errors
for name in "${names[@]}"; do
  alone=$(figure "$name" alone 3) beside=$(figure "$name" beside 3)
  printf '%-10s %12.0f %13.0f %7.2f %11.0f %12.0f %13.0f %7d\n' "$name" "$alone" "$beside" "$(awk -v a="$alone" -v b="$beside" 'BEGIN {print b / (a ? a : 1)}')" \
    "$(figure "$name" alone 4)" "$(figure "$name" beside 4)" "$(figure "$name" beside 6)" \
    "$(awk -F '\t' -v name="$name" '$1 == name {sum += $5} END {print sum + 0}' "$dir/rounds.txt")"
done
