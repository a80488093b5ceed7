#!/usr/bin/env bash
# CPU time of one question about a name over UDP: Securely and NSD side by side in one run, on loopback; and what an answer allocates.
#
#   bench/names.sh [-r ROUNDS] [-s SECONDS] [-q QUESTIONS] [-a]
#
#   -r  rounds; each measures both servers with each kind, one after the other. Default 5
#   -s  seconds of one measurement. Default 3
#   -q  questions a second at the capped rate. Default 20000
#   -a  allocations instead: the growth of GC.GetTotalAllocatedBytes(true), asked inside of the serving process before and after a
#       million answers of each kind, divided by their number; NSD is not needed
#
# The zone has 10,000 hosts. Kinds of questions:
#   mix       70 % hits, 10 % without data, 10 % without a name, 10 % wildcard, with no cap
#   capped    the same at the capped rate
#   distinct  a million different ones in letters of any case, a third without a name, with EDNS and DO
#   hit, nxdomain, nodata, referral, wildcard, cname: one of them alone, with no cap
#
# The kernel counts the user and system time of each server. Read the median, and only ratios.

source "$(dirname -- "${BASH_SOURCE[0]}")/processes.sh"
rounds=5 seconds=3 rate=20000 allocations=
while getopts r:s:q:ah flag; do
  case $flag in r) rounds=$OPTARG ;; s) seconds=$OPTARG ;; q) rate=$OPTARG ;; a) allocations=1 ;; *) usage ;; esac
done
shift $((OPTIND - 1))
(($# == 0)) || usage
kinds=(hit nxdomain nodata referral wildcard cname)

need dnsperf:dnsperf dig:bind9-dnsutils
awk -v dir="$dir" 'BEGIN {
  srand(1); zone = dir "/example.test.zone"
  print "$ORIGIN example.test.\n$TTL 300\n@ IN SOA ns1 admin 1 3600 600 86400 300\n@ IN NS ns1\nns1 IN A 127.0.0.1\n*.wild IN A 10.9.9.9" > zone
  for (i = 0; i < 10000; i++) printf "h%d IN A 10.0.%d.%d\nd%d IN NS ns.d%d\nns.d%d IN A 10.1.%d.%d\nc%d IN CNAME h%d\n", i, i / 256, i % 256, i, i, i, i / 256, i % 256, i, i > zone
  for (i = 0; i < 20000; i++) {
    n = int(rand() * 10000)
    question["hit"] = "h" n ".example.test A"; question["nxdomain"] = "no" n ".example.test A"; question["nodata"] = "h" n ".example.test AAAA"
    question["referral"] = "www.d" n ".example.test A"; question["wildcard"] = "w" n ".wild.example.test A"; question["cname"] = "c" n ".example.test A"
    for (kind in question) print question[kind] > (dir "/" kind)
    x = rand(); print question[x < .7 ? "hit" : x < .8 ? "nodata" : x < .9 ? "nxdomain" : "wildcard"] > (dir "/mix")
  }
  for (i = 0; i < 1000000; i++) {
    name = (i < 10000 ? "h" i : i % 3 ? "w" i ".wild" : "x" i ".h" i % 10000) ".example.test"; cased = ""
    for (j = 1; j <= length(name); j++) { letter = substr(name, j, 1); cased = cased (rand() < .5 ? toupper(letter) : letter) }
    print cased " A" > (dir "/distinct")
  }
}' || fail 'awk does not write the questions'

# ask_all PORT FILE OPTION...: dnsperf's report of it, in `report`.
ask_all() {
  local port=$1 file=$2
  shift 2
  report=$(taskset -c "$load_cpu" dnsperf -s 127.0.0.1 -p "$port" -d "$dir/$file" -c 8 -q 80 -T 1 "$@" 2>"$dir/dnsperf.log") || { cat -- "$dir/dnsperf.log" >&2; fail 'dnsperf has failed'; }
}
reported() { awk -v words="$1" 'index($0, words) {print $NF == "%)" ? $(NF - 1) : $(split(words, w, " ") + 1); exit}' <<<"$report"; }

if [[ $allocations ]]; then
  build_load
  start_asked names 0 "${load_program[@]}" names --apex example.test --zone "$dir/example.test.zone"
  hear names
  port=${reply##*:}
  ask names measure
  printf '%-10s %10s %14s %6s %8s\n' kind answers 'bytes/answer' gen0 lost
  for kind in "${kinds[@]}" mix; do
    ask_all "$port" "$kind" -n 10
    ask names measure
    allocated=$(value allocated) gen0=$(value gen0)
    ask_all "$port" "$kind" -n 50
    ask names measure
    awk -v kind="$kind" -v n="$(reported 'Queries completed:')" -v lost="$(reported 'Queries lost:')" -v bytes="$(($(value allocated) - allocated))" -v gen0="$(($(value gen0) - gen0))" \
      'BEGIN {printf "%-10s %10d %14.3f %6d %8d\n", kind, n, bytes / n, gen0, lost}'
  done
  exit 0
fi

need nsd:nsd
build_securely
write_name_servers example.test.zone "rrl-ratelimit: 0" "receive-buffer-size: 4194304" "send-buffer-size: 4194304"
start nsd 0 nsd -d -c "$dir/nsd.conf"
start securely 0 "$root/artifacts/bin/Securely.Cli/release/securely" serve -c "$dir/securely.yaml"
for name in nsd securely; do
  for _ in {1..100}; do
    [[ $(dig +short +time=1 +tries=1 @127.0.0.1 -p "${port[$name]}" h77.example.test A) != 10.0.0.77 ]] || continue 2
    sleep 0.1
  done
  cat -- "$dir/$name.log" >&2
  fail "[$name] does not answer"
done
for name in nsd securely; do for kind in mix "${kinds[@]}" distinct; do ask_all "${port[$name]}" "$kind" -l 2; done; done

for ((round = 1; round <= rounds; round++)); do
  for kind in mix capped distinct "${kinds[@]}"; do
    for name in nsd securely; do
      options=(-l "$seconds") file=$kind
      [[ $kind != capped ]] || file=mix options+=(-Q "$rate")
      [[ $kind != distinct ]] || options+=(-e -D)
      before=$(ticks "${pid[$name]}")
      ask_all "${port[$name]}" "$file" "${options[@]}"
      after=$(ticks "${pid[$name]}")
      printf '%s %s %s %s %s %s\n' "$kind" "$name" $((after - before)) "$(reported 'Queries completed:')" "$(reported 'Queries per second:')" "$(reported 'Queries lost:')" >>"$dir/rounds"
    done
  done
done

# figure KIND NAME COLUMN: the median of it over the rounds.
figure() { awk -v kind="$1" -v name="$2" -v column="$3" '$1 == kind && $2 == name {print column == 3 ? $3 * 10000 / $4 : $column}' "$dir/rounds" | median; }
printf '%-10s %10s %10s %8s %8s %10s %6s\n' kind 'NSD us' 'Securely us' 'to NSD' 'to hit' 'q/s to NSD' lost
hit=$(figure hit securely 3)
for kind in mix capped distinct "${kinds[@]}"; do
  awk -v kind="$kind" -v nsd="$(figure "$kind" nsd 3)" -v ours="$(figure "$kind" securely 3)" -v hit="$hit" -v qn="$(figure "$kind" nsd 5)" -v q="$(figure "$kind" securely 5)" \
    -v lost="$(awk -v kind="$kind" '$1 == kind {sum += $6} END {print sum}' "$dir/rounds")" \
    'BEGIN {printf "%-10s %10.2f %11.2f %8.2f %8.2f %10.2f %6d\n", kind, nsd, ours, ours / nsd, ours / hit, q / qn, lost}'
done
