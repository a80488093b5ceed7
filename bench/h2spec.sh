#!/usr/bin/env bash
# What h2spec, the conformance tool of HTTP/2, says of the program: its sections generic, http2 and hpack, 146 checks, against a response of the
# program's own and against nginx behind it, in cleartext and inside of TLS, over both pollers.
#
#   bench/h2spec.sh [-b BINARY] [-p POLLERS] [-m MODES] [-r ROUTES] [-o SECONDS] [-s] [SECTION...]
#
#   -b  the tool. Default: h2spec, as the PATH finds it
#   -p  pollers, with commas between them. Default epoll,portable
#   -m  modes, with commas between them. Default h2c,tls
#   -r  routes, with commas between them. Default respond,proxy
#   -o  seconds in which the tool expects an answer. Default 2
#   -s  its strict checks too
#   SECTION  what the tool is to check. Default: generic http2 hpack
#
# The tool is at https://github.com/summerwind/h2spec: its releases have programs, and `go install github.com/summerwind/h2spec/cmd/h2spec@latest`
# builds one. Its report of each combination that fails is printed.

source "$(dirname -- "${BASH_SOURCE[0]}")/processes.sh"
tool=h2spec pollers=epoll,portable modes=h2c,tls routes=respond,proxy patience=2 strict=()
while getopts b:p:m:r:o:sh flag; do
  case $flag in
    b) tool=$OPTARG ;; p) pollers=$OPTARG ;; m) modes=$OPTARG ;; r) routes=$OPTARG ;; o) patience=$OPTARG ;; s) strict=(--strict) ;; *) usage ;;
  esac
done
shift $((OPTIND - 1))
(($# > 0)) || set -- generic http2 hpack
command -v -- "$tool" >/dev/null ||
  fail "[$tool] is not there; get it from https://github.com/summerwind/h2spec/releases, or run: go install github.com/summerwind/h2spec/cmd/h2spec@latest"
need nginx:nginx-light curl:curl
build_securely
make_certificate
upstream=$(free_port) plain=$(free_port) tls=$(free_port)

cat >"$dir/nginx.conf" <<NGINX
worker_processes 1; daemon off; error_log $dir/nginx.err; pid $dir/nginx.pid;
events { worker_connections 1000; }
http {
  access_log off; client_body_temp_path $dir/bodies;
  server { listen 127.0.0.1:$upstream; location / { return 200 "Hello, World!"; } }
}
NGINX
cat >"$dir/securely.yaml" <<YAML
threads: 1
data_dir: $dir/data
listeners:
  - {address: "127.0.0.1:$plain"}
  - {address: "127.0.0.1:$tls", tls: {cert: $dir/cert.pem, key: $dir/key.pem}}
upstreams: {proxy: {servers: ["127.0.0.1:$upstream"]}}
sites: [{hosts: ["*"], routes: [{match: {path: /respond}, respond: {status: 200, body: "Hello, World!"}}, {upstream: proxy}]}]
YAML
start nginx "0-$load_cpu" nginx -c "$dir/nginx.conf" -e "$dir/nginx.err"

wrong=0
row() { printf '%-10s %-6s %-8s %8s %8s %8s\n' "$@"; }
row poller mode route checks passed failed
for poller in ${pollers//,/ }; do
  SECURELY_POLLER=$poller start securely "0-$load_cpu" "$root/securely" serve -c "$dir/securely.yaml"
  await "http://127.0.0.1:$plain/" 13 securely
  for mode in ${modes//,/ }; do
    case $mode in h2c) target=(-p "$plain") ;; tls) target=(-p "$tls" -t -k) ;; *) usage ;; esac
    for route in ${routes//,/ }; do
      report="$dir/h2spec.txt"
      "$tool" "$@" "${strict[@]}" "${target[@]}" -o "$patience" -P "/$route" -j "$dir/h2spec.xml" >"$report" 2>&1
      read -r checks passed failed < <(sed -n 's/^\([0-9]*\) tests, \([0-9]*\) passed, [0-9]* skipped, \([0-9]*\) failed.*/\1 \2 \3/p' "$report")
      [[ -n ${checks:-} ]] || { cat -- "$report" >&2; fail "[$tool] has checked nothing"; }
      row "$poller" "$mode" "$route" "$checks" "$passed" "$failed"
      ((passed == checks)) || { wrong=1; sed -n '/^Failures:/,$p' "$report"; }
    done
  done
  kill -- "-${pid[securely]}"
  wait "${pid[securely]}" 2>/dev/null
done
((wrong == 0)) || fail "not every check has passed"
