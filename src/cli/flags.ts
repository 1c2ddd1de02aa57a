// Every flag there is, once: the parser, the help text and the README's table are all made from this list.

/** What has flags and a help text of its own. */
export const COMMANDS = ['connect', 'up', 'list', 'env', 'stop', 'logs', 'completion'] as const;
export type CommandName = (typeof COMMANDS)[number];

export interface Flag {
  readonly name: string;
  readonly short?: string;
  /** What the value is called in the help; a flag without one is a switch. */
  readonly value?: string;
  readonly choices?: readonly string[];
  readonly integer?: true;
  /** May be given more than once; of all other flags the last one counts, as with kubectl. */
  readonly repeatable?: true;
  /** Only `--detach` gives it, to the program it starts. */
  readonly hidden?: true;
  /** Goes to every kubectl child as it was given. */
  readonly kubectl?: true;
  readonly group: string;
  readonly help: string;
  readonly commands: readonly CommandName[];
}

const connect = { commands: ['connect'] } as const;
const shared = { commands: ['connect', 'up'] } as const;
const target = { ...shared, group: 'What to connect to' } as const;
const tunnels = { ...shared, group: 'Tunnels' } as const;
const logs = { ...shared, group: 'Logs' } as const;
const running = { ...connect, group: 'How to run' } as const;
const up = { commands: ['up'], group: 'What to build' } as const;
const kubectl = { ...shared, group: "kubectl's own", kubectl: true } as const;

export const FLAGS: readonly Flag[] = [
  { ...up, name: 'auto-connect', help: "connect to the pod of this build; default draft.toml's auto-connect" },
  {
    ...up,
    name: 'watch',
    help: "do it again whenever the app's files change; default draft.toml's watch",
  },
  { ...up, name: 'skip-image-push', help: 'build the image, but do not push it' },
  {
    ...target,
    ...connect,
    name: 'selector',
    short: 'l',
    value: 'SEL',
    help: 'pods with these labels, as in kubectl get -l',
  },
  {
    ...target,
    commands: ['connect', 'up', 'logs'],
    name: 'environment',
    short: 'e',
    value: 'NAME',
    help: 'environment of draft.toml; default $DRAFT_ENV, else development',
  },
  {
    ...target,
    name: 'file',
    short: 'f',
    value: 'PATH',
    help: 'the draft.toml; default the nearest one from the working directory upwards',
  },
  {
    ...target,
    name: 'container',
    short: 'c',
    value: 'NAME',
    repeatable: true,
    help: "only this container's ports and logs, APP/NAME with several targets; repeatable, or a comma list",
  },
  {
    ...target,
    name: 'timeout',
    value: 'DURATION',
    help: 'how long to wait for a ready pod; default 5m',
  },
  { ...target, name: 'unready', help: 'a pod that runs but is not ready will do' },
  {
    ...tunnels,
    name: 'override-port',
    short: 'p',
    value: 'LOCAL:REMOTE',
    repeatable: true,
    help: "local port for a port of the pod; REMOTE is a number or a port's name, :REMOTE takes a free local port, PORT is PORT:PORT; with several targets LOCAL:APP:REMOTE says which; repeatable, or a comma list",
  },
  {
    ...tunnels,
    name: 'address',
    value: 'ADDR',
    repeatable: true,
    help: 'address to listen on; default localhost (127.0.0.1 and ::1); repeatable',
  },
  {
    ...tunnels,
    name: 'hold',
    value: 'DURATION',
    help: "how long a client's connection may wait for the pod to come back; default 30s, 0 refuses at once",
  },
  { ...tunnels, name: 'no-tunnels', help: 'do not open tunnels: logs alone' },
  { ...logs, name: 'tail', value: 'N', integer: true, help: 'recent lines to show per container; default 5, -1 all' },
  { ...logs, name: 'since', value: 'DURATION', help: 'only lines newer than this, as in kubectl logs' },
  { ...logs, name: 'timestamps', help: "start each line with the cluster's time" },
  { ...logs, name: 'no-logs', help: 'do not stream logs' },
  {
    ...logs,
    name: 'include',
    short: 'i',
    value: 'RE',
    repeatable: true,
    help: 'only lines that match this regular expression, or another --include; repeatable',
  },
  { ...logs, name: 'exclude', value: 'RE', repeatable: true, help: 'no lines that match; repeatable' },
  {
    ...logs,
    name: 'highlight',
    value: 'RE',
    repeatable: true,
    help: 'mark what matches, where there are colours; repeatable',
  },
  {
    ...logs,
    name: 'exclude-container',
    value: 'RE',
    repeatable: true,
    help: 'no logs of containers whose name matches, but their ports; repeatable',
  },
  { ...logs, name: 'all-pods', help: 'logs of all pods of the target; the tunnels go to one' },
  { ...logs, ...connect, name: 'logs', help: 'with -- COMMAND: show the logs too, on stderr' },
  { ...running, ...shared, name: 'quiet', short: 'q', help: 'no status lines, only warnings and errors' },
  {
    ...running,
    name: 'dry-run',
    help: 'wait for a ready pod, print what would be connected and the variables, and exit',
  },
  {
    ...running,
    name: 'detach',
    help: 'run in the background; once the tunnels work, print variables to eval: APP_CONTAINER_SERVICE_HOST, and _PORT for its first port, _PORT_8080 or _PORT_HTTP for one of its ports',
  },
  { ...running, name: 'export', hidden: true, help: 'print variables instead of tunnels, and no logs' },
  {
    ...running,
    name: 'shell',
    value: 'SHELL',
    choices: ['sh', 'bash', 'zsh', 'fish', 'powershell'],
    commands: ['connect', 'env'],
    help: 'syntax of the variables: sh, bash, zsh, fish or powershell; default the shell that calls, else $SHELL',
  },
  {
    ...running,
    name: 'output',
    short: 'o',
    value: 'FORMAT',
    choices: ['text', 'json'],
    commands: ['connect', 'up', 'list', 'env'],
    help: 'text or json; default text',
  },
  {
    ...running,
    ...shared,
    name: 'color',
    value: 'WHEN',
    choices: ['auto', 'always', 'never'],
    help: 'auto, always or never; default auto (NO_COLOR and FORCE_COLOR are honoured)',
  },
  {
    ...running,
    ...shared,
    name: 'kubectl',
    value: 'PATH',
    help: 'the kubectl to run; default $KUBECTL_PATH, else kubectl on PATH',
  },
  { ...kubectl, name: 'namespace', short: 'n', value: 'NAME', help: "default draft.toml's, else the context's" },
  { ...kubectl, name: 'context', value: 'NAME', help: 'kubeconfig context' },
  { ...kubectl, name: 'kubeconfig', value: 'PATH', help: 'kubeconfig file' },
  { ...kubectl, name: 'cluster', value: 'NAME', help: 'kubeconfig cluster' },
  { ...kubectl, name: 'user', value: 'NAME', help: 'kubeconfig user' },
  { ...kubectl, name: 'as', value: 'USER', help: 'user to impersonate' },
  { ...kubectl, name: 'as-group', value: 'GROUP', repeatable: true, help: 'group to impersonate; repeatable' },
  { ...kubectl, name: 'as-uid', value: 'UID', help: 'UID to impersonate' },
  { ...kubectl, name: 'token', value: 'TOKEN', help: 'bearer token' },
  { ...kubectl, name: 'server', short: 's', value: 'URL', help: 'API server' },
  { ...kubectl, name: 'tls-server-name', value: 'NAME', help: "name in the server's certificate" },
  { ...kubectl, name: 'certificate-authority', value: 'PATH', help: 'certificate of the authority' },
  { ...kubectl, name: 'client-certificate', value: 'PATH', help: 'client certificate' },
  { ...kubectl, name: 'client-key', value: 'PATH', help: 'client key' },
  { ...kubectl, name: 'insecure-skip-tls-verify', help: "do not check the server's certificate" },
  { ...kubectl, name: 'cache-dir', value: 'PATH', help: "kubectl's cache" },
  { ...kubectl, name: 'disable-compression', help: 'ask the API server not to compress its answers' },
  {
    ...kubectl,
    name: 'request-timeout',
    value: 'DURATION',
    help: 'limit for single requests; it does not cut log streams or tunnels',
  },
  {
    ...kubectl,
    name: 'v',
    short: 'v',
    value: 'LEVEL',
    integer: true,
    help: "kubectl's log level; what it logs is shown on stderr",
  },
  { name: 'all', group: 'stop', commands: ['stop'], help: 'every detached session' },
  { name: 'follow', group: 'logs', commands: ['logs'], help: 'go on until the build ends' },
  {
    name: 'help',
    short: 'h',
    group: 'How to run',
    commands: COMMANDS,
    help: 'this text',
  },
  { name: 'version', group: 'How to run', commands: ['connect'], help: "this program's version" },
];

/** How a flag is written in help and README: `-p, --override-port LOCAL:REMOTE`. */
export function renderFlag({ name, short, value }: Flag): string {
  const spelt = name.length === 1 ? `-${name}` : `${short === undefined ? '' : `-${short}, `}--${name}`;
  return value === undefined ? spelt : `${spelt} ${value}`;
}
