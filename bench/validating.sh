#!/usr/bin/env bash
# CPU time of judging a form of twenty fields: Securely.Validation and Debian's Laravel side by side in one run.
#
#   bench/validating.sh [-r ROUNDS] [-s SECONDS]
#
#   -r  rounds; each measures both, one after the other. Default 5
#   -s  seconds of CPU time of each in one round. Default 3
#
# The form and its rules are form.json, which both read once. Laravel reads rules anew for each form, as it does for each request; ours are
# read once and shared. PHP compiles once (its cache of code is on). Read the median, and only the ratio.

source "$(dirname -- "${BASH_SOURCE[0]}")/processes.sh"
rounds=5 seconds=3
while getopts r:s:h flag; do
  case $flag in r) rounds=$OPTARG ;; s) seconds=$OPTARG ;; *) usage ;; esac
done
need php:php-cli
[[ -e /usr/share/php/Illuminate/autoload.php ]] || fail 'not all tools are there; run: apt-get install -y php-laravel-framework'
build_load

printf '%-6s %14s %14s %8s\n' round 'Laravel (us)' 'Securely (us)' ratio
for ((round = 1; round <= rounds; round++)); do
  theirs=$(php -d opcache.enable_cli=1 "$here/validating.php" "$here/form.json" "$seconds") || fail 'Laravel did not judge the form'
  ours=$("${load_program[@]}" judge --form "$here/form.json" --seconds "$seconds") || fail 'Securely did not judge the form'
  awk -v round="$round" -v theirs="$theirs" -v ours="$ours" 'BEGIN {printf "%-6d %14.2f %14.2f %8.1f\n", round, theirs, ours, theirs / ours}' | tee -a "$dir/rounds"
done
sort -k4 -n "$dir/rounds" | awk '{ratio[NR] = $4} END {printf "Laravel takes %.1f times the CPU time of Securely (median; least %.1f, most %.1f)\n", ratio[int((NR + 1) / 2)], ratio[1], ratio[NR]}'
