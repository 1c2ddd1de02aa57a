#!/bin/sh
# Passes on the lines that are typed in our terminal, each when the one before has been answered with a line on
# descriptor 3: after an order to end, what is typed is somebody else's. Who reads there from the background is stopped by
# SIGTTIN, with its whole job; where that is ignored, reading fails instead, and is tried again until the job is in the
# foreground. Ctrl-C ends it at once: what is typed while the session ends is for the shell.
trap '' TTIN TTOU
while :; do
  while read -r line; do
    echo "$line"
    read -r _ <&3 || exit
  done
  # Its end must not wait for the pause, nor leave it behind.
  trap 'kill "$!"; exit' TERM
  sleep 1 &
  wait
  trap - TERM
done
