#!/usr/bin/env bash
# CPU time of one proxied request: Securely, nginx and HAProxy side by side in one run, HTTP/1.1 to the origin, on loopback.
#
#   bench/proxy.sh [-m h1|tls|h2] [-r ROUNDS] [-s SECONDS] [-w SECONDS] [-c CONNECTIONS] [-b BODY_BYTES] [-p CPUS] [-t THREADS] [-f | -F] [-o] [NAME=PORT=COMMAND ...]
#
#   -m  what clients speak: h1 plain, tls the same inside of TLS 1.3, h2 HTTP/2 inside of TLS 1.3: ten streams at a time on each of
#       a sixth of the connections; p99 is not measured then. Default h1
#   -r  rounds; each measures all proxies one after the other. Default 5
#   -s  seconds of load on one proxy in one round. Default 4
#   -w  seconds of load on each proxy before the first round, in which the runtime compiles what is hot. Default 6
#   -c  keep-alive connections. Default 64
#   -b  bytes of the response's body. Default 13
#   -p  processors of the proxies. Default 0; the load and the origin are on the last processor
#   -t  workers of each proxy. Default: one for each processor of -p
#   -f  Securely with a full configuration: five routes of which the request hits the last, a header set on each side, and
#       forwarding headers; nginx and HAProxy stay plain
#   -F  the same for all three, each in its own words
#   -o  a second Securely too, with metrics and a JSON access log to a file, and its ratio to the first
#
# NAME=PORT=COMMAND measures another proxy too: COMMAND must proxy 127.0.0.1:PORT to 127.0.0.1:$ORIGIN_PORT, a variable that it finds
# in its environment.
#
# The kernel counts the user and system time of each proxy, so that a busy machine disturbs the figure little. Read the median, and only ratios.

source "$(dirname -- "${BASH_SOURCE[0]}")/processes.sh"
rounds=5 seconds=4 warmup=6 connections=64 body=13 cpus=0 threads= securely_full= all_full= observed= mode=h1
while getopts m:r:s:w:c:b:p:t:fFoh flag; do
  case $flag in
    r) rounds=$OPTARG ;; s) seconds=$OPTARG ;; w) warmup=$OPTARG ;; c) connections=$OPTARG ;; b) body=$OPTARG ;; p) cpus=$OPTARG ;; t) threads=$OPTARG ;;
    m) mode=$OPTARG ;; f) securely_full=1 ;; o) observed=1 ;; F) securely_full=1 all_full=1 ;; *) usage ;;
  esac
done
shift $((OPTIND - 1))
threads=${threads:-$(tr ',' '\n' <<<"$cpus" | grep -c .)}
need nginx:nginx-light haproxy:haproxy wrk:wrk curl:curl
scheme=http securely_tls='' nginx_tls='' haproxy_tls=''
case $mode in
  h1) ;;
  tls)
    make_certificate
    scheme=https
    securely_tls=", tls: {cert: $dir/cert.pem, key: $dir/key.pem}"
    nginx_tls=" ssl; ssl_certificate $dir/cert.pem; ssl_certificate_key $dir/key.pem; ssl_protocols TLSv1.3"
    haproxy_tls=" ssl crt $dir/both.pem alpn http/1.1 ssl-min-ver TLSv1.3"
    ;;
  h2)
    need h2load:nghttp2-client
    make_certificate
    scheme=https
    securely_tls=", tls: {cert: $dir/cert.pem, key: $dir/key.pem}"
    nginx_tls=" ssl http2; ssl_certificate $dir/cert.pem; ssl_certificate_key $dir/key.pem; ssl_protocols TLSv1.3"
    haproxy_tls=" ssl crt $dir/both.pem alpn h2,http/1.1 ssl-min-ver TLSv1.3"
    ;;
  *) usage ;;
esac
build_origin
build_securely

declare -A port
names=(nginx haproxy securely ${observed:+observed})
for name in "${names[@]}"; do port[$name]=$(free_port); done

# write_securely NAME: the configuration of one of ours.
write_securely() {
  [[ $1 != observed ]] || printf 'metrics: {address: "127.0.0.1:%d"}\naccess_log: {path: "%s"}\n' "$(free_port)" "$dir/access.log"
  cat <<YAML
threads: $threads
data_dir: $dir/data.$1
listeners: [{address: "127.0.0.1:${port[$1]}"$securely_tls}]
upstreams: {origin: {servers: ["127.0.0.1:$ORIGIN_PORT"]}}
YAML
  if [[ -z $securely_full ]]; then
    printf '%s\n' 'forwarded: off' 'sites: [{hosts: ["*"], routes: [{upstream: origin}]}]'
    return
  fi
  cat <<'YAML'
forwarded: append
sites:
  - hosts: ["*"]
    routes:
      - match: {path: /api/*, methods: [POST, PUT]}
        upstream: origin
      - match: {path: /beta/*, headers: {x-beta: "1"}}
        upstream: origin
      - match: {path: /old/*}
        redirect: {to: /new/}
      - match: {path: /health}
        respond: {body: ok}
      - upstream: origin
        request_headers: {set: {x-from: securely}}
        response_headers: {set: {x-served-by: securely}}
YAML
}

write_nginx() {
  cat <<NGINX
worker_processes $threads; daemon off; error_log $dir/nginx.err; pid $dir/nginx.pid;
events { worker_connections 8192; }
http {
  access_log off; keepalive_requests 100000000;
  client_body_temp_path $dir/b; proxy_temp_path $dir/p; fastcgi_temp_path $dir/f; uwsgi_temp_path $dir/u; scgi_temp_path $dir/s;
  upstream origin { server 127.0.0.1:$ORIGIN_PORT; keepalive 512; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:${port[nginx]} reuseport${nginx_tls:-};
    proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host \$host;
NGINX
  if [[ -n $all_full ]]; then
    cat <<'NGINX'
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Forwarded-Host $host; proxy_set_header Forwarded "for=$remote_addr;proto=$scheme;host=$host";
    proxy_set_header X-From nginx; add_header X-Served-By nginx;
    location /api/ { limit_except POST PUT { deny all; } proxy_pass http://origin; }
    location /beta/ { if ($http_x_beta != 1) { return 404; } proxy_pass http://origin; }
    location /old/ { rewrite ^/old/(.*)$ /new/$1 permanent; }
    location = /health { return 200 ok; }
NGINX
  fi
  printf '    location / { proxy_pass http://origin; }\n  }\n}\n'
}

write_haproxy() {
  cat <<HAPROXY
global
  nbthread $threads
  maxconn 8192
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  http-reuse always
frontend front
  bind 127.0.0.1:${port[haproxy]}$haproxy_tls
HAPROXY
  if [[ -n $all_full ]]; then
    cat <<'HAPROXY'
  option forwardfor
  http-request set-header X-Forwarded-Proto http
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  http-request set-header Forwarded for=%[src];proto=http;host=%[req.hdr(host)]
  http-request set-header X-From haproxy
  http-response set-header X-Served-By haproxy
  http-request redirect prefix /new code 308 if { path_beg /old/ }
  http-request return status 200 content-type text/plain string ok if { path /health }
  use_backend other if { path_beg /api/ } { method POST PUT }
  use_backend other if { path_beg /beta/ } { req.hdr(x-beta) 1 }
HAPROXY
  fi
  cat <<HAPROXY
  default_backend origin
backend origin
  server s 127.0.0.1:$ORIGIN_PORT maxconn 8192
backend other
  server s 127.0.0.1:$ORIGIN_PORT maxconn 8192
HAPROXY
}

start_origin origin "$load_cpu" "$body"
export ORIGIN_PORT=$reply
for name in securely ${observed:+observed}; do write_securely "$name" >"$dir/$name.yaml"; done
write_nginx >"$dir/nginx.conf"
write_haproxy >"$dir/haproxy.cfg"
start nginx "$cpus" nginx -c "$dir/nginx.conf" -e "$dir/nginx.err"
start haproxy "$cpus" haproxy -f "$dir/haproxy.cfg"
for name in securely ${observed:+observed}; do start "$name" "$cpus" "$root/securely" serve -c "$dir/$name.yaml"; done
for other in "$@"; do
  [[ $other == *=*=* ]] || usage
  name=${other%%=*} rest=${other#*=}
  names+=("$name") port[$name]=${rest%%=*}
  start "$name" "$cpus" bash -c "exec ${rest#*=}"
done
for name in "${names[@]}"; do await "$scheme://127.0.0.1:${port[$name]}/page" "$body" "$name"; done

load() {
  local url="$scheme://127.0.0.1:${port[$1]}/page"
  if [[ $mode == h2 ]]; then
    taskset -c "$load_cpu" h2load --npn-list=h2 -t 1 -c $(((connections + 5) / 6)) -m 10 -D "$2" "$url" >"$dir/wrk.txt" 2>&1
    grep -q '^Application protocol: h2$' "$dir/wrk.txt" || { cat -- "$dir/wrk.txt" >&2; fail "[$1] does not speak HTTP/2"; }
  else
    taskset -c "$load_cpu" wrk -t 1 -c "$connections" -d "$2" --latency "$url" >"$dir/wrk.txt" 2>&1
  fi
}
read_load() { if [[ $mode == h2 ]]; then read_h2load "$dir/wrk.txt"; else read_wrk "$dir/wrk.txt"; fi; }
for name in "${names[@]}"; do load "$name" "$warmup"; done
for ((round = 1; round <= rounds; round++)); do
  for name in "${names[@]}"; do
    before=$(ticks "${pid[$name]}")
    load "$name" "$seconds"
    used=$(($(ticks "${pid[$name]}") - before))
    read_load
    printf '%s %d %d %d %d %d\n' "$name" "$used" "$requests" "$p99" "$errors" "$(rss "${pid[$name]}")" >>"$dir/rounds.txt"
  done
done

column() { awk -v name="$1" -v seconds="$seconds" "\$1 == name && \$3 > 0 {print $2}" "$dir/rounds.txt"; }
cpu='$2 * 10000 / $3'
of_nginx=$(column nginx "$cpu" | median) of_haproxy=$(column haproxy "$cpu" | median)
printf '%-12s %10s %8s %8s %8s %9s %9s %8s %8s %9s\n' proxy 'us/request' least most /nginx /haproxy requests/s 'p99 us' errors 'rss KiB'
for name in "${names[@]}"; do
  figures=$(column "$name" "$cpu" | sort -n)
  awk -v name="$name" -v median="$(median <<<"$figures")" -v least="$(head -n 1 <<<"$figures")" -v most="$(tail -n 1 <<<"$figures")" \
    -v nginx="$of_nginx" -v haproxy="$of_haproxy" -v rate="$(column "$name" '$3 / seconds' | median)" -v p99="$(column "$name" '$4' | median)" \
    -v errors="$(column "$name" '$5' | awk '{sum += $1} END {print sum + 0}')" -v rss="$(column "$name" '$6' | tail -n 1)" \
    'BEGIN {printf "%-12s %10.2f %8.2f %8.2f %8.2f %9.2f %10.0f %8.0f %8d %9d\n", name, median, least, most, median / nginx, median / haproxy, rate, p99, errors, rss}'
done
if [[ -n $observed ]]; then
  printf 'with metrics and access log, relative to without: %s\n' \
    "$(awk -v a="$(column securely "$cpu" | median)" -v b="$(column observed "$cpu" | median)" 'BEGIN {printf "%.2f", b / a}')"
  printf 'lines in the access log: %d\n' "$(wc -l <"$dir/access.log")"
fi
