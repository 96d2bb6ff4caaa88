# The launcher: reads names of batch files from its standard input and starts their jobs in the background.
# Holds nothing the agent could lose; on end of input it sees to the timeouts and ends, its jobs go on.
# Arguments: boot id, path of stop.sh, path of tee. The working directory is the directory of attempts. fd 3 is the gate.
umask 077
dir=$PWD boot=$1 stop=$2 tee=$3

# supervise BASE REQUESTED_AT TIMEOUT_MS GRACE_MS CAP BLOCKS RUN ARM: one job, from its claim to its exit record.
# Creating the record with noclobber is the claim: whoever creates it first (this, or the agent to void it) decides.
supervise() {
  set -C
  exec 2>"$dir/$1.run"
  set +C
  IFS= read -r stat </proc/self/stat
  echo "C $2 $3 $4 $5 $boot $stat" >&2
  if [ "$8" = now ]; then arm "$1" "$3" "$4" "$7" "$stat"; fi
  (job) # in a subshell of its own: what the shell says of a signal then goes into the record, not into the output
  echo "X $?" >&2
  echo "X $1" >>"$dir/status"
  disarm "$1"
}

# collect: output into the file until the cap (a limit the kernel keeps), the rest read and dropped so the job never blocks.
# Waits at the gate first, so that in a burst the jobs come before the readers; the pipe holds 64 KiB meanwhile.
collect() {
  read -r _ <&3
  exec 3<&-
  trap '' XFSZ
  ulimit -S -f "$6"
  "$tee" "$dir/$1.out" >/dev/null
  ulimit -S -f unlimited
  [ -e "$dir/$1.run" ] || rm -f "$dir/$1.out" # never claimed, or forgotten meanwhile
  echo "O $1" >>"$dir/status"
}

go() {
  { supervise "$@"; } </dev/null 2>/dev/null 3<&- | { collect "$@"; } 2>/dev/null &
}

# arm BASE TIMEOUT_MS GRACE_MS RUN STAT: the attempt's own watchdog, in a session of its own.
arm() {
  setsid /bin/sh "$stop" timed-out "$1" "$2" "$3" "$4" "$5" </dev/null >/dev/null 2>&1 3<&- &
}

# The watchdog's pid is believed only while the start time recorded with it still fits.
disarm() {
  [ -e "$dir/$1.watch" ] && [ ! -e "$dir/$1.stop" ] || return 0
  IFS= read -r old <"$dir/$1.watch" || return 0
  IFS= read -r new <"/proc/${old%% *}/stat" || return 0
  started "$old"; was=$at
  started "$new"
  if [ "$was" = "$at" ]; then kill "${old%% *}"; fi
}

# started STAT: sets `at` to the start time of a /proc/<pid>/stat line; the name in it may hold anything but a newline.
started() {
  set -- ${1##*) }
  at=${20}
}

# cancel BASE GRACE_MS RUN STAT
cancel() {
  setsid /bin/sh "$stop" cancelled "$1" 0 "$2" "$3" "$4" </dev/null >/dev/null 2>&1 3<&- &
}

while IFS= read -r batch; do
  if [ -e "./$batch" ]; then
    . "./$batch"
    echo "B $batch" >>status
  fi
  jobs >/dev/null # reaps what has ended
done

# The agent is gone: whatever still runs without a watchdog gets one.
for record in ./*.run; do
  base=${record#./}
  base=${base%.run}
  [ -e "$base.watch" ] && continue
  { IFS= read -r first && ! read -r _; } <"$record" || continue
  case $first in "C "*) ;; *) continue ;; esac
  set -- $first
  [ "$6" = "$boot" ] || continue
  arm "$base" "$3" "$4" "${base%-*}" "${first#* * * * * * }"
done
