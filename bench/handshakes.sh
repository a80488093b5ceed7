#!/usr/bin/env bash
# CPU time of one full TLS 1.3 handshake: Securely and nginx side by side in one run, the same P-256 certificate.
#
#   bench/handshakes.sh [-r ROUNDS] [-s SECONDS] [-w SECONDS] [-p CPUS]
#
#   -r  rounds; each measures both, one after the other. Default 5
#   -s  seconds of new connections to one server in one round. Default 4
#   -w  seconds of them before the first round. Default 8
#   -p  processors of the servers; the clients are on the last processor. Default 0
#
# The clients are two loops of `openssl s_time -new`, which connect, shake hands and close. Read the median, and only the ratio.

source "$(dirname -- "${BASH_SOURCE[0]}")/processes.sh"
rounds=5 seconds=4 warmup=8 cpus=0
while getopts r:s:w:p:h flag; do
  case $flag in r) rounds=$OPTARG ;; s) seconds=$OPTARG ;; w) warmup=$OPTARG ;; p) cpus=$OPTARG ;; *) usage ;; esac
done
need nginx:nginx-light openssl:openssl curl:curl
make_certificate
build_securely

declare -A port
names=(nginx securely)
for name in "${names[@]}"; do port[$name]=$(free_port); done
threads=$(tr ',' '\n' <<<"$cpus" | grep -c .)
cat >"$dir/nginx.conf" <<NGINX
worker_processes $threads; daemon off; error_log $dir/nginx.err; pid $dir/nginx.pid;
events { worker_connections 8192; }
http {
  access_log off;
  client_body_temp_path $dir/b; proxy_temp_path $dir/p; fastcgi_temp_path $dir/f; uwsgi_temp_path $dir/u; scgi_temp_path $dir/s;
  server {
    listen 127.0.0.1:${port[nginx]} ssl reuseport; ssl_certificate $dir/cert.pem; ssl_certificate_key $dir/key.pem; ssl_protocols TLSv1.3;
    location / { return 200 ok; }
  }
}
NGINX
cat >"$dir/securely.yaml" <<YAML
threads: $threads
listeners: [{address: "127.0.0.1:${port[securely]}", tls: {cert: $dir/cert.pem, key: $dir/key.pem}}]
sites: [{hosts: ["*"], routes: [{respond: {body: ok}}]}]
YAML
start nginx "$cpus" nginx -c "$dir/nginx.conf" -e "$dir/nginx.err"
start securely "$cpus" "$root/securely" serve -c "$dir/securely.yaml"
for name in "${names[@]}"; do await "https://127.0.0.1:${port[$name]}/" 2 "$name"; done

# load NAME SECONDS: how many handshakes there were, in `count`.
load() {
  local one clients=()
  for one in 1 2; do
    taskset -c "$load_cpu" openssl s_time -connect "127.0.0.1:${port[$1]}" -new -time "$2" >"$dir/time.$one" 2>&1 &
    clients+=($!)
  done
  wait "${clients[@]}"
  count=$(awk '/connections in .* real seconds/ {sum += $1} END {print sum + 0}' "$dir"/time.[12])
  ((count > 0)) || { cat -- "$dir/time.1" >&2; fail "no handshake with [$1] has succeeded"; }
}
for name in "${names[@]}"; do load "$name" "$warmup"; done
for ((round = 1; round <= rounds; round++)); do
  for name in "${names[@]}"; do
    before=$(ticks "${pid[$name]}")
    load "$name" "$seconds"
    printf '%s %d %d\n' "$name" "$(($(ticks "${pid[$name]}") - before))" "$count" >>"$dir/rounds.txt"
  done
done

column() { awk -v name="$1" "\$1 == name {print $2}" "$dir/rounds.txt"; }
cpu='$2 * 10000 / $3'
of_nginx=$(column nginx "$cpu" | median)
printf '%-12s %12s %8s %8s %8s %12s\n' server 'us/handshake' least most /nginx handshakes/s
for name in "${names[@]}"; do
  figures=$(column "$name" "$cpu" | sort -n)
  awk -v name="$name" -v median="$(median <<<"$figures")" -v least="$(head -n 1 <<<"$figures")" -v most="$(tail -n 1 <<<"$figures")" \
    -v nginx="$of_nginx" -v rate="$(column "$name" "\$3 / $seconds" | median)" \
    'BEGIN {printf "%-12s %12.0f %8.0f %8.0f %8.2f %12.0f\n", name, median, least, most, median / nginx, rate}'
done
