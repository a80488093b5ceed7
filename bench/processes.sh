# Sourced by the measuring scripts of this folder: starts processes pinned to processors, asks the kernel what they used, and ends them.
set -uo pipefail

here=$(CDPATH="" cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
root=${here%/*}
mkdir -p -- "$root/artifacts/bench"
dir=$(mktemp -d "$root/artifacts/bench/$(basename -- "$0" .sh).XXXXXX")
load_cpu=$(($(nproc) - 1))
declare -A pid to from
reply=

end_processes() {
  local name
  for name in "${!pid[@]}"; do kill -- "-${pid[$name]}"; done 2>/dev/null
  wait 2>/dev/null
}
trap 'code=$?; end_processes; ((code == 1)) && printf "The logs are in [%s]\n" "$dir" >&2 || rm -rf -- "$dir"' EXIT

fail() {
  printf '%s: %s\n' "$(basename -- "$0")" "$*" >&2
  exit 1
}

# usage: prints the comment at the head of the script that was started.
usage() {
  sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0" >&2
  exit 2
}

# need TOOL:PACKAGE...: ends the script unless all tools are there.
need() {
  local pair missing=()
  PATH=$PATH:/usr/sbin
  for pair in "$@"; do command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}"); done
  ((${#missing[@]} == 0)) || fail "not all tools are there; run: apt-get install -y ${missing[*]}"
}

# need_files NUMBER: lets a process open so many files and sockets.
need_files() {
  local most
  most=$(ulimit -Hn)
  [[ $most == unlimited ]] || ((most >= $1)) || fail "a process may open $most files only, and $1 are needed; raise the limit or ask for fewer connections"
  [[ $most == unlimited ]] || ulimit -Sn "$most"
}

build_origin() {
  need gcc:gcc
  gcc -O2 -o "$dir/origin" "$here/origin.c" || fail "origin.c does not compile"
}

build_securely() { "$root/securely" --version >"$dir/build.log" 2>&1 || { cat -- "$dir/build.log" >&2; fail "./securely does not build"; }; }

build_load() {
  dotnet build "$here/Securely.Load" -c Release -v quiet -nologo -nodeReuse:false -p:UseSharedCompilation=false \
    >"$dir/build.log" 2>&1 </dev/null || { cat -- "$dir/build.log" >&2; fail "bench/Securely.Load does not build"; }
  load_program=(dotnet "$root/artifacts/bin/Securely.Load/release/Securely.Load.dll")
}

# make_certificate: an own-signed one with a P-256 key for localhost, in cert.pem and key.pem, and both in both.pem.
make_certificate() {
  need openssl:openssl
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -keyout "$dir/key.pem" -out "$dir/cert.pem" -days 7 -nodes -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost,IP:127.0.0.1 2>"$dir/openssl.log" || fail "openssl makes no certificate"
  cat -- "$dir/cert.pem" "$dir/key.pem" >"$dir/both.pem"
}

# free_port: a port that nobody listens on, below those that the kernel gives to clients.
free_port() {
  local port
  while true; do
    port=$((20000 + RANDOM % 10000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { printf '%d' "$port"; return; }
  done
}

# start NAME CPUS COMMAND...: in the background, its output in NAME.log. Each has a process group, so that what it starts ends with it.
start() {
  local name=$1 cpus=$2
  shift 2
  set -m
  taskset -c "$cpus" "$@" >"$dir/$name.log" 2>&1 </dev/null &
  pid[$name]=$!
  set +m
}

# start_asked NAME CPUS COMMAND...: in the background, with its standard input and output connected to `ask` and `hear`.
start_asked() {
  local name=$1 cpus=$2 in out
  shift 2
  mkfifo -- "$dir/$name.in" "$dir/$name.out"
  set -m
  taskset -c "$cpus" "$@" <"$dir/$name.in" >"$dir/$name.out" 2>"$dir/$name.log" &
  pid[$name]=$!
  set +m
  exec {in}>"$dir/$name.in" {out}<"$dir/$name.out"
  to[$name]=$in from[$name]=$out
}

# hear NAME: the next line of its output, in `reply`.
hear() { read -r -t 3600 -u "${from[$1]}" reply || { cat -- "$dir/$1.log" >&2; fail "[$1] has ended or says nothing"; }; }

# ask NAME LINE: writes a line to its input and hears the answer.
ask() {
  printf '%s\n' "$2" >&"${to[$1]}"
  hear "$1"
}

# start_origin NAME CPU BODY_BYTES [COMMAND...]: the command starts it; its port is in `reply` afterwards.
start_origin() { start_asked "$1" "$2" "${@:4}" "$dir/origin" 0 "$3" && hear "$1"; }

# In front of a program: it takes what the others leave of a processor. Whoever troubles the ordinary clients shares theirs, and it is the server
# that is measured.
behind=(chrt --idle 0)

# value KEY: the value of KEY=VALUE in `reply`.
value() { local found=" $reply "; found=${found#* "$1"=}; printf '%s' "${found%% *}"; }

# await URL BYTES NAME: waits until it answers 200 with a body of so many bytes.
await() {
  local i answer=
  for i in {1..100}; do
    answer=$(curl -sk --max-time 5 -o /dev/null -w '%{http_code} %{size_download}' "$1")
    [[ $answer != "200 $2" ]] || return 0
    sleep 0.1
  done
  cat -- "$dir/$3.log" >&2
  fail "[$3] answers [$answer] instead of [200 $2] at $1"
}

# tree PID: the process and all below it.
tree() {
  local child
  printf '%s\n' "$1"
  for child in $(pgrep -P "$1"); do tree "$child"; done
}

# ticks PID: user and system time of the tree, in hundredths of a second.
ticks() {
  local one
  for one in $(tree "$1"); do cut -d ')' -f 2- "/proc/$one/stat" 2>/dev/null; done | awk '{sum += $12 + $13} END {print sum + 0}'
}

# rss PID: resident memory of the tree, in KiB.
rss() { memory_of "$1" VmRSS; }

# peak_rss PID: the most that it was since `forget_peak`.
peak_rss() { memory_of "$1" VmHWM; }
forget_peak() {
  local one
  for one in $(tree "$1"); do echo 5 >"/proc/$one/clear_refs" || fail "cannot set back the peak of process $one"; done
}

memory_of() {
  local one
  for one in $(tree "$1"); do grep "$2" "/proc/$one/status" 2>/dev/null; done | awk '{sum += $2} END {print sum + 0}'
}

# read_wrk FILE: what wrk reported, in `requests`, `errors` and `p99` (microseconds).
read_wrk() {
  requests=$(awk '/requests in/ {print $1}' "$1")
  errors=$(awk '/Non-2xx/ {sum += $NF} /Socket errors/ {gsub(",", ""); sum += $4 + $6 + $8 + $10} END {print sum + 0}' "$1")
  p99=$(awk '$1 == "99%" {unit = $2; gsub(/[0-9.]/, "", unit); printf "%.0f", $2 * (unit == "us" ? 1 : unit == "ms" ? 1000 : 1000000)}' "$1")
  [[ -n $requests && -n $p99 ]] || { cat -- "$1" >&2; fail "wrk has measured nothing"; }
}

# read_h2load FILE: what h2load reported, in `requests` and `errors`; it has no `p99`, which is 0.
read_h2load() {
  requests=$(sed -n 's/^requests: .* \([0-9]*\) succeeded.*/\1/p' "$1")
  errors=$(awk '/^requests: / {gsub(",", ""); for (i = 2; i < NF; i++) if ($(i + 1) == "failed" || $(i + 1) == "errored" || $(i + 1) == "timeout") sum += $i} END {print sum + 0}' "$1")
  p99=0
  [[ -n $requests ]] || { cat -- "$1" >&2; fail "h2load has measured nothing"; }
}

# median: of the numbers on standard input, one a line.
median() { sort -n | awk '{v[NR] = $1} END {print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }

# The ordinary clients of HTTP/1 of `connections`, `seconds` and `port`, alone and then beside somebody else: p99 and memory of [securely].
load() { taskset -c "$load_cpu" wrk -t 1 -c "$connections" -d "$1" --latency "http://127.0.0.1:$port/" >"$dir/wrk.txt" 2>&1; }

row() { printf '%-10s %10s %12s %8s %12s\n' "$@"; }

# measure_alone WARMUP: its p99 is in `alone` afterwards, its memory in `memory`.
measure_alone() {
  row '' 'p99 us' 'requests/s' errors 'rss KiB'
  load "$1"
  load "$seconds"
  read_wrk "$dir/wrk.txt"
  alone=$p99 memory=$(rss "${pid[securely]}")
  row alone "$p99" $((requests / seconds)) "$errors" "$memory"
}

# measure_beside: the most memory is in `most` afterwards, the p99 relative to that alone in `ratio`. The kernel keeps
# the most memory, for a watcher would take time from both.
measure_beside() {
  forget_peak "${pid[securely]}"
  load "$seconds"
  read_wrk "$dir/wrk.txt"
  most=$(peak_rss "${pid[securely]}")
  ratio=$(awk -v a="$alone" -v b="$p99" 'BEGIN {printf "%.2f", b / (a ? a : 1)}')
  row beside "$p99" $((requests / seconds)) "$errors" "$most"
}

# write_name_servers FILE [OPTION...]: in nsd.conf and securely.yaml, NSD and ours with the zone example.test from that file of the folder, on ports
# that stand in `port`; further lines for NSD's section `server`.
write_name_servers() {
  local zone=$1
  shift
  declare -gA port=([nsd]=$(free_port) [securely]=$(free_port))
  {
    cat <<N
server:
  ip-address: 127.0.0.1@${port[nsd]}
  server-count: 1
  zonesdir: "$dir"
  database: ""
  username: ""
  pidfile: "$dir/nsd.pid"
  xfrdfile: "$dir/xfrd.state"
  zonelistfile: "$dir/zone.list"
  logfile: "$dir/nsd.messages"
  xfrdir: "$dir"
N
    (($# == 0)) || printf '  %s\n' "$@"
    printf 'remote-control:\n  control-enable: no\nzone:\n  name: example.test\n  zonefile: %s\n' "$zone"
  } >"$dir/nsd.conf"
  cat >"$dir/securely.yaml" <<Y
data_dir: $dir/data
listeners: [{address: "127.0.0.1:$(free_port)"}]
sites: [{hosts: ["*"], routes: [{respond: {body: x}}]}]
dns:
  listen: [127.0.0.1:${port[securely]}]
  zones: [{name: example.test, file: $dir/$zone}]
Y
}
