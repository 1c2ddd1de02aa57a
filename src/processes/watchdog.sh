#!/bin/sh
# Kills what draft-connect has started when it cannot do that itself. Reads a pipe from it, which the kernel closes
# however it dies. $1 is the session: every marker in a child's environment begins with it.
# shellcheck disable=SC2009,SC2086 # no pgrep everywhere; what is unquoted is a list
trap '' INT TERM HUP QUIT TSTP
# Only what dash, bash, busybox and macOS's sh share (no `kill --` in dash), and few processes: on a busy machine each
# costs tens of milliseconds of the second there is.
PATH=$PATH:/usr/bin:/bin
session=$1 groups=' ' left='' command='' commanded='' bye=''
# Sets `found` to the processes whose marker $1 is of this session, but for those that were left alone.
find_marked() {
  found=
  if [ -r /proc/self/environ ]; then
    files=$(grep -l -F "$1=$session." /proc/[0-9]*/environ)
    [ -n "$files" ] && [ -n "$left" ] && files=$(grep -L -F $left $files)
    for file in $files; do file=${file#/proc/}; found="$found ${file%/*}"; done
  else
    found=$(ps -axEww -o pid= -o command= | grep -F " $1=$session." | while read -r pid rest; do
      rest=" -e $1=$session.${rest##*" $1=$session."} "
      case "$left " in *"${rest%%. *}. "*) ;; *) echo "$pid" ;; esac
    done)
  fi
}
strike() {
  for group in $groups; do kill "-$1" "-${group#*:}"; done
  find_marked DRAFT_CONNECT_CHILD
  [ -n "$found" ] && kill "-$1" $found
}
strike_command() {
  [ -n "$command" ] && kill "-$1" "$command"
  [ -n "$commanded" ] && find_marked DRAFT_CONNECT_COMMAND && [ -n "$found" ] && kill "-$1" $found
}
pause() { sleep "$1" || sleep 1; }
# Lines read: `+N PID` child N leads group PID; `=PID` COMMAND runs, `=` it starts or has ended; `~` what COMMAND has left
# running is to end; `-N` child N was stopped and its group is gone; `!N` child N ended by itself (what it left running, a
# browser for a login say, is not ours to end); `bye` all have ended.
while read -r op pid; do
  n=${op#?}
  case $op in
    +*) groups="$groups$n:$pid " ;;
    =*) command=$n commanded=1 ;;
    '~') strike_command TERM; pause 0.3; strike_command KILL ;;
    bye) bye=1; break ;;
    [-!]*)
      case $groups in *" $n:"*) rest=${groups#*" $n:"}; groups="${groups%%" $n:"*} ${rest#* }" ;; esac
      case $op in !*) left="$left -e DRAFT_CONNECT_CHILD=$session.$n." ;; esac
      [ ${#left} -gt 60000 ] && left=" -e ${left#* -e * -e }" ;;
  esac
done
if [ -n "$bye" ]; then strike KILL; exit; fi
strike_command TERM; strike TERM
pause 0.05; strike TERM
pause 0.1; strike KILL
pause 0.2; strike_command KILL; strike KILL
