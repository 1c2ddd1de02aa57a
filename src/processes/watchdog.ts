// Ends our children when we cannot: a small shell outside our process group that reads a pipe from us. The kernel closes
// that pipe however we die, SIGKILL included, and the shell then kills what it was told of and what carries our marker.
import type { Writable } from 'node:stream';

/** Set in the environment of every child: `<session>.<child's number>.`; the last dot keeps 1 apart from 10. */
export const CHILD_MARKER = 'DRAFT_CONNECT_CHILD';
/** Set in the environment of `-- COMMAND`, which may leave something running on purpose when it ends by itself. */
export const COMMAND_MARKER = 'DRAFT_CONNECT_COMMAND';

/** The environment without our markers: for a program that is to outlive us. */
export const WITHOUT_MARKERS = { [CHILD_MARKER]: undefined, [COMMAND_MARKER]: undefined } as const;

// Lines read: `+N PID` a child leads group PID; `=PID` COMMAND, `=` one that starts or has ended; `~` what it has
// left running is to end; `-N` child N stopped and its group is gone; `!N` child N ended by itself (what it left running,
// a browser for a login say, is not ours to end); `bye` all have ended.
// Only what dash, bash, busybox and macOS's sh share (no `kill --` in dash), and few processes: on a busy machine each
// costs tens of milliseconds of the second there is.
const SCRIPT = `
trap '' INT TERM HUP QUIT TSTP
PATH=$PATH:/usr/bin:/bin
session=$1 groups=' ' left= command= commanded= bye=
find_marked() {
  found=
  if [ -r /proc/self/environ ]; then
    files=$(grep -l -F "$1=$session." /proc/[0-9]*/environ)
    [ -n "$files" ] && [ -n "$left" ] && files=$(grep -L -F $left $files)
    for file in $files; do file=\${file#/proc/}; found="$found \${file%/*}"; done
  else
    found=$(ps -axEww -o pid= -o command= | grep -F " $1=$session." | while read -r pid rest; do
      rest=" -e $1=$session.\${rest##*" $1=$session."} "
      case "$left " in *"\${rest%%. *}. "*) ;; *) echo "$pid" ;; esac
    done)
  fi
}
strike() {
  for group in $groups; do kill -$1 "-\${group#*:}"; done
  find_marked ${CHILD_MARKER}
  [ -n "$found" ] && kill -$1 $found
}
strike_command() {
  [ -n "$command" ] && kill -$1 "$command"
  [ -n "$commanded" ] && find_marked ${COMMAND_MARKER} && [ -n "$found" ] && kill -$1 $found
}
pause() { sleep "$1" || sleep 1; }
while read -r op pid; do
  n=\${op#?}
  case $op in
    +*) groups="$groups$n:$pid " ;;
    =*) command=$n commanded=1 ;;
    '~') strike_command TERM; pause 0.3; strike_command KILL ;;
    bye) bye=1; break ;;
    [-!]*)
      case $groups in *" $n:"*) rest=\${groups#*" $n:"}; groups="\${groups%%" $n:"*} \${rest#* }" ;; esac
      case $op in !*) left="$left -e ${CHILD_MARKER}=$session.$n." ;; esac
      [ \${#left} -gt 60000 ] && left=" -e \${left#* -e * -e }" ;;
  esac
done
if [ -n "$bye" ]; then strike KILL; exit; fi
strike_command TERM; strike TERM
pause 0.05; strike TERM
pause 0.1; strike KILL
pause 0.2; strike_command KILL; strike KILL
`;

export interface WatchdogProcess {
  readonly stdin: Writable;
  readonly ended: Promise<unknown>;
}

export interface Watchdog {
  /** What a child's marker has to be. To be asked before it is started: from then on the shell watches. */
  marker(child: number): string;
  started(child: number, pid: number): void;
  /** `left`: it ended by itself. */
  ended(child: number, left: boolean): void;
  /** As `marker`, for COMMAND. */
  commandMarker(): string;
  commandStarted(pid: number): void;
  commandEnded(): void;
  /** It did not end by itself: what it has left running ends too, within half a second. */
  endRestOfCommand(): void;
}

/** Nothing starts before the first marker is asked for. `start` runs `sh -c SCRIPT` with the given arguments, out of our way. */
export function createWatchdog(start: (script: string, ...args: string[]) => WatchdogProcess): Watchdog {
  // Unique among all that run since the machine's start, and that is as long as an environment can be read.
  const session = `${process.pid}-${process.hrtime.bigint()}`;
  const groups = new Map<number, number>();
  /** Undefined as long as there was none; '' while none runs. */
  let command: number | '' | undefined;
  let shell: WatchdogProcess | undefined;
  let failures = 0;

  const usable = () => process.platform !== 'win32' && failures <= 3;
  const say = (line: string) => {
    if (!usable()) return;
    if (shell === undefined) open();
    else shell.stdin.write(`${line}\n`);
  };
  const open = () => {
    const opened = start(SCRIPT, 'draft-connect-watchdog', session);
    shell = opened;
    opened.stdin.on('error', () => {});
    for (const [child, pid] of groups) opened.stdin.write(`+${child} ${pid}\n`);
    if (command !== undefined) opened.stdin.write(`=${command}\n`);
    // Somebody killed it, or there is no shell.
    void opened.ended.then(() => {
      failures += 1;
      shell = undefined;
      if (groups.size > 0 || command) say('');
    });
  };
  process.on('exit', () => {
    if (groups.size === 0 && !command) shell?.stdin.write('bye\n');
  });
  return {
    marker(child) {
      if (usable() && shell === undefined) open();
      return `${session}.${child}.`;
    },
    commandMarker() {
      // Without this COMMAND would go unnoticed when we are killed right after its start.
      command = '';
      say('=');
      return `${session}.0.`;
    },
    started(child, pid) {
      groups.set(child, pid);
      say(`+${child} ${pid}`);
    },
    ended(child, left) {
      if (groups.delete(child)) say(`${left ? '!' : '-'}${child}`);
    },
    commandStarted(pid) {
      command = pid;
      say(`=${pid}`);
    },
    commandEnded() {
      command = '';
      say('=');
    },
    endRestOfCommand: () => say('~'),
  };
}
