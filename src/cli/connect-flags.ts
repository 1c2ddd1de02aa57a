// The typed flags of a session: what `connect` and `up` have in common.
import type { ConnectFlags } from '../request/core/settings.ts';
import { FLAGS } from './flags.ts';

export function connectFlags(
  given: Readonly<Record<string, unknown>>,
): Omit<ConnectFlags, 'targets' | 'kubectlFlags' | 'command'> {
  const is = (name: string) => given[name] === true;
  /** What is not text has been checked or converted. */
  const value = <Value = string>(name: string) => given[name] as Value | undefined;
  const list = (name: string) => value<readonly string[]>(name) ?? [];
  return {
    selector: value('selector'),
    environment: value('environment'),
    file: value('file'),
    overridePorts: list('override-port'),
    containers: list('container'),
    addresses: list('address'),
    tail: value<number>('tail'),
    since: value('since'),
    timestamps: is('timestamps'),
    noLogs: is('no-logs'),
    include: list('include'),
    exclude: list('exclude'),
    highlight: list('highlight'),
    excludeContainers: list('exclude-container'),
    noTunnels: is('no-tunnels'),
    allPods: is('all-pods'),
    unready: is('unready'),
    timeout: value('timeout'),
    hold: value('hold'),
    quiet: is('quiet'),
    dryRun: is('dry-run'),
    detach: is('detach'),
    export: is('export'),
    shell: value<ConnectFlags['shell'] & string>('shell'),
    output: value<ConnectFlags['output']>('output') ?? 'text',
    color: value<ConnectFlags['color']>('color') ?? 'auto',
    kubectl: value('kubectl'),
    namespace: value('namespace'),
    context: value('context'),
    requestTimeout: value('request-timeout'),
    commandLogs: is('logs'),
  };
}

/** What every kubectl child gets as it was given; the time-out only those that end by themselves. */
const HANDED_ON = new Set(
  FLAGS.filter((flag) => flag.kubectl && flag.name !== 'request-timeout').map(({ name }) => name),
);

export function handedOn(flags: readonly string[]): readonly string[] {
  return flags.filter((token) => HANDED_ON.has(token.slice(2, token.indexOf('='))));
}
