#!/usr/bin/env bash
# How long a large zone takes to be answered from after the start of the program, and how much memory it takes: Securely and NSD side by side
# in one run.
#
#   bench/zone.sh [-r ROUNDS] [-n RECORDS]
#
#   -r  rounds; each starts both, one after the other. Default 3
#   -n  address records, one a name. Default 1000000
#
# The time is from the start of the process to the right answer for the last name, with all that the program does besides. Memory is resident
# (all processes of NSD together), five seconds later. On both processors.

source "$(dirname -- "${BASH_SOURCE[0]}")/processes.sh"
rounds=3 records=1000000
while getopts r:n:h flag; do
  case $flag in r) rounds=$OPTARG ;; n) records=$OPTARG ;; *) usage ;; esac
done
need nsd:nsd dig:bind9-dnsutils
build_securely
awk -v n="$records" 'BEGIN {
  print "$ORIGIN example.test.\n$TTL 300\n@ IN SOA ns1 admin 1 3600 600 86400 300\n@ IN NS ns1\nns1 IN A 127.0.0.1"
  for (i = 0; i < n; i++) printf "h%d IN A 10.%d.%d.%d\n", i, i / 65536 % 256, i / 256 % 256, i % 256
}' >"$dir/zone"
last=$((records - 1))
address=10.$((last / 65536 % 256)).$((last / 256 % 256)).$((last % 256))
write_name_servers zone
commands_nsd=(nsd -d -c "$dir/nsd.conf")
commands_securely=("$root/artifacts/bin/Securely.Cli/release/securely" serve -c "$dir/securely.yaml")

# measure NAME COMMAND...: its time and memory, in a line of `rounds`.
measure() {
  local name=$1 began ended
  shift
  began=$(date +%s%N)
  start "$name" "0-$load_cpu" "$@"
  until [[ $(dig +short +time=1 +tries=1 @127.0.0.1 -p "${port[$name]}" "h$last.example.test" A 2>/dev/null) == "$address" ]]; do
    kill -0 "${pid[$name]}" 2>/dev/null || { cat -- "$dir/$name.log" >&2; fail "[$name] has ended"; }
    sleep 0.02
  done
  ended=$(date +%s%N)
  sleep 5
  printf '%s %d %d %d\n' "$name" $(((ended - began) / 1000000)) $(($(ticks "${pid[$name]}") * 10)) $(($(rss "${pid[$name]}") / 1024)) | tee -a "$dir/rounds" | awk '{printf "%-10s %9d %9d %9d\n", $1, $2, $3, $4}'
  kill -- "-${pid[$name]}"
  wait "${pid[$name]}" 2>/dev/null
  unset "pid[$name]"
}

printf '%-10s %9s %9s %9s\n' server 'ready ms' 'CPU ms' 'MiB'
for ((round = 1; round <= rounds; round++)); do
  measure nsd "${commands_nsd[@]}"
  measure securely "${commands_securely[@]}"
done
figure() { awk -v name="$1" -v column="$2" '$1 == name {print $column}' "$dir/rounds" | median; }
awk -v n="$records" -v nt="$(figure nsd 2)" -v st="$(figure securely 2)" -v nm="$(figure nsd 4)" -v sm="$(figure securely 4)" \
  'BEGIN {printf "%d records: Securely takes %.2f of the time of NSD and %.2f of its memory (median)\n", n, st / nt, sm / nm}'
