#!/usr/bin/env bash
# Whether reading one zone of many again costs a question: dnsperf asks for all zones, as fast as it gets answers or at a rate, while the file of one
# zone is replaced again and again. Shown are the questions that were lost, the answers with a code that their zone never has, the time that a new
# version takes to be served, and the longest that any question waited, beside the same without a reload.
#
#   bench/dns-reload.sh [-z ZONES] [-s SECONDS] [-q RATE] [-t THREADS]
#
#   -z  zones. Default 1000
#   -s  seconds of one measurement, of which there are two. Default 10
#   -q  questions a second; 0: as many as are answered. Default 0
#   -t  threads of the server. Default 1

source "$(dirname -- "${BASH_SOURCE[0]}")/processes.sh"
zones=1000 seconds=10 rate=0 threads=1
while getopts z:s:q:t:h flag; do
  case $flag in
    z) zones=$OPTARG ;; s) seconds=$OPTARG ;; q) rate=$OPTARG ;; t) threads=$OPTARG ;; *) usage ;;
  esac
done
need dnsperf:dnsperf dig:bind9-dnsutils
build_securely
port=$(free_port)

# zone_text VERSION: what a zone has; `ever` is always there, `never` never, and each version has a name of its own.
zone_text() { printf '$TTL 60\n@ SOA ns admin %d 3600 600 86400 60\n@ NS ns\nns A 192.0.2.53\never A 192.0.2.1\nv%d A 192.0.2.2\n' "$1" "$1"; }

# put ZONE VERSION: replaces the file of a zone whole.
put() { zone_text "$2" >"$dir/new" && mv -- "$dir/new" "$dir/z$1.zone"; }

zone_text 1 >"$dir/z0.zone"
for ((i = 1; i < zones; i++)); do cp -- "$dir/z0.zone" "$dir/z$i.zone"; done
{
  printf 'threads: %d\ndata_dir: %s\ndns:\n  listen: [127.0.0.1:%d]\n  zones:\n' "$threads" "$dir/data" "$port"
  for ((i = 0; i < zones; i++)); do printf '    - {name: z%d.test, file: z%d.zone}\n' "$i" "$i"; done
} >"$dir/securely.yaml"
for ((i = 0; i < zones; i++)); do printf 'ever.z%d.test A\nnever.z%d.test A\n' "$i" "$i"; done >"$dir/questions"
ask_serial() { dig @127.0.0.1 -p "$port" +short +tries=1 +time=2 "z$1.test" SOA 2>/dev/null | cut -d ' ' -f 3; }
begin=${EPOCHREALTIME/[.,]/}
start securely 0 "$root/securely" serve -c "$dir/securely.yaml"
until [[ $(ask_serial $((zones - 1))) == 1 ]]; do kill -0 "${pid[securely]}" || { cat -- "$dir/securely.log" >&2; fail 'the server has ended'; }; done
printf '%d zones are served %d ms after the start\n' "$zones" $(((${EPOCHREALTIME/[.,]/} - begin) / 1000))

load() {
  local limit=()
  ((rate == 0)) || limit=(-Q "$rate")
  taskset -c "$load_cpu" dnsperf -s 127.0.0.1 -p "$port" -d "$dir/questions" -c 4 -l "$seconds" "${limit[@]}" "$@"
}

# row LABEL FILE: what dnsperf reported.
row() {
  printf '%-10s %10d questions/s, %d lost, %d of %d with a wrong code, slowest after %s ms\n' "$1" \
    "$(awk '/Queries per second/ {printf "%d", $4}' "$2")" "$(awk '/Queries lost/ {print $3}' "$2")" "$(awk '/Response codes/ {for (i = 3; i < NF; i += 3) {if ($i == "NOERROR") a = $(i + 1); else if ($i == "NXDOMAIN") b = $(i + 1); else c += $(i + 1)}; d = a - b; if (d < 0) d = -d; print c + (d > 1 ? d : 0)}' "$2")" \
    "$(awk '/Queries completed/ {print $3}' "$2")" "$(awk '/Average Latency/ {sub(")", "", $NF); printf "%.1f", $NF * 1000; exit}' "$2")"
}

load >"$dir/warm.txt" 2>&1
load >"$dir/alone.txt" 2>&1
row alone "$dir/alone.txt"
load >"$dir/beside.txt" 2>&1 &
loading=$!
reloads=0 slowest=0
while kill -0 "$loading" 2>/dev/null; do
  put 0 $((reloads + 2))
  begin=${EPOCHREALTIME/[.,]/}
  until [[ $(ask_serial 0) == $((reloads + 2)) ]]; do sleep 0.02; done
  took=$(((${EPOCHREALTIME/[.,]/} - begin) / 1000))
  ((took <= slowest)) || slowest=$took
  ((reloads += 1))
done
wait "$loading"
row reloading "$dir/beside.txt"
printf '%d reloads of one zone; a new version was served after %d ms at the latest\n' "$reloads" "$slowest"
