# Ends one attempt and everything it left: SIGTERM, grace, SIGKILL, until nobody is left. As a watchdog it first sleeps.
# Arguments: reason (timed-out | cancelled), base, timeout ms since the start, grace ms, run id, the supervisor's stat line.
reason=$1 base=$2 timeout=$3 grace=$4 run=$5
umask 077
supervisor=${6%% *}
started() { set -- ${1##*) }; at=${20}; }
started "$6"
since=$at

uptime_ms() {
  read -r up _ </proc/uptime
  up=${up%.*}${up#*.}0
  up=${up#"${up%%[!0]*}"}
}
# The supervisor lives exactly as long as its job; its pid counts only with its start time.
running() {
  IFS= read -r line 2>/dev/null <"/proc/$supervisor/stat" || return 1
  started "$line"
  [ "$at" = "$since" ]
}
seconds() { echo "$(($1 / 1000)).$(printf %03d $(($1 % 1000)))"; }

IFS= read -r own </proc/self/stat
me=${own%% *}
if [ "$reason" = timed-out ]; then
  trap 'kill $! 2>/dev/null; exit 0' TERM
  echo "$own" >"$base.watch"
  # Ended and forgotten meanwhile: leave no file.
  [ -e "$base.run" ] || { rm -f "$base.watch"; exit 0; }
  # The supervisor writes its exit and then looks for a watchdog, so one of the two always sees the other.
  while IFS= read -r line; do
    case $line in "X "*) exit 0 ;; esac
  done <"$base.run"
  running || exit 0
  uptime_ms
  left=$((since * 10 + timeout - up))
  if [ "$left" -gt 0 ]; then
    sleep "$(seconds "$left")" &
    wait $!
  fi
  trap - TERM
fi
running || exit 0
# The first reason stands: the file is created only once.
(set -C; echo "$reason" >"$base.stop") 2>/dev/null || exit 0

# leader: the job's process, the supervisor's child; its pid is also its session and process group.
leader=
find_leader() {
  for entry in /proc/[0-9]*/stat; do
    IFS= read -r line 2>/dev/null <"$entry" || continue
    pid=${line%% *}
    set -- ${line##*) }
    # The watchdog of a short timeout is a child of the supervisor as well.
    [ "$2" = "$supervisor" ] && [ "$pid" != "$me" ] || continue
    leader=$pid
    [ "$4" = "$pid" ] && return 0
  done
  return 1
}
tries=0
until find_leader || ! running || [ $tries -ge 20 ]; do
  sleep 0.05
  tries=$((tries + 1))
done
# Has the leader's number gone to a stranger? Then its session is empty: the kernel keeps the number while members live.
leader_since=
if [ -n "$leader" ] && IFS= read -r line 2>/dev/null <"/proc/$leader/stat"; then
  started "$line"
  leader_since=$at
fi
session_is_ours() {
  [ -n "$leader_since" ] || return 1
  IFS= read -r line 2>/dev/null <"/proc/$leader/stat" || return 0
  started "$line"
  [ "$at" = "$leader_since" ]
}
# members: sets `found` to all living processes of the session, and all that carry the run's marker in their environment.
members() {
  found=
  if session_is_ours; then
    for entry in /proc/[0-9]*/stat; do
      IFS= read -r line 2>/dev/null <"$entry" || continue
      pid=${line%% *}
      set -- ${line##*) }
      if [ "$4" = "$leader" ] || [ "$pid" = "$leader" ]; then
        case $1 in Z | X) ;; *) found="$found $pid" ;; esac
      fi
    done
  fi
  for entry in $(grep -lzsxF "MUSTER_RUN_ID=$run" /proc/[0-9]*/environ); do
    pid=${entry#/proc/}
    pid=${pid%/environ}
    case "$found " in *" $pid "*) ;; *) found="$found $pid" ;; esac
  done
  [ -n "$found" ]
}
signal() {
  if session_is_ours; then kill "-$1" "-$leader" 2>/dev/null; fi
  for pid in $found; do kill "-$1" "$pid" 2>/dev/null; done
}

uptime_ms
deadline=$((up + grace))
if members; then signal TERM; fi
while members; do
  uptime_ms
  [ "$up" -ge "$deadline" ] && break
  sleep 0.1
done
# A process in the middle of exec shows no environment: only when nobody was seen three times running, nobody is left.
rounds=0 calm=0
while [ $calm -lt 3 ] && [ $rounds -lt 200 ]; do
  if members; then
    signal KILL
    calm=0
  else
    calm=$((calm + 1))
  fi
  rounds=$((rounds + 1))
  sleep 0.02
done
echo "done $rounds" >>"$base.stop"
echo "K $base" >>status
