// The argument lists of every kubectl call. Values stand in `--flag=value` form or behind `pod/`, so that none of them
// can be taken for an option. Where a call says nothing the user's defaults hold (kuberc, a wrapper's flags), so each one
// says whatever it relies on, as far as kubectl 1.20 has a flag for it.
import type { KubectlSettings } from '../../request/core/settings.ts';
import type { Target } from '../../request/core/target.ts';

/** Which objects: those a label selector names, or the one of that name. */
export type PodQuery = { readonly selector: string } | { readonly name: string };

export interface LogOptions {
  readonly follow: boolean;
  /** Recent lines only; -1 or undefined is all. */
  readonly tail?: number | undefined;
  /** A duration, e.g. `5m`. */
  readonly since?: string | undefined;
  /** RFC 3339; kubectl sends whole seconds and includes that second. */
  readonly sinceTime?: string | undefined;
  /** The instance before the present one. */
  readonly previous?: boolean | undefined;
}

/** Objects as JSON: one (`job/NAME`), or a list of several, or of all of a kind (`jobs.batch`). */
export function getArgs(kubectl: KubectlSettings, ...objects: readonly string[]): string[] {
  return ['get', ...objects, ...which({ selector: '' }), ...once(kubectl)];
}

/** The objects of that name among several kinds of resources, as JSON; nothing where there are none. */
export function getAnyArgs(kubectl: KubectlSettings, resources: string, name: string): string[] {
  return [...getArgs(kubectl, resources, name), '--ignore-not-found'];
}

/** The names of all objects of a kind, as a JSON list. */
export function namesArgs(kubectl: KubectlSettings, resource: string): string[] {
  return [...getArgs(kubectl, resource), '--output=jsonpath-as-json={.items[*].metadata.name}'];
}

/** Those of a kind that the query names, as a list in JSON. */
export function listArgs(kubectl: KubectlSettings, resources: string, query: PodQuery): string[] {
  return ['get', resources, ...which(query), ...once(kubectl)];
}

export type NamedTarget = Extract<Target, { kind: 'pod' | 'workload' }>;

/** What `getArgs` takes it by. */
export function objectOf(target: NamedTarget): string {
  return `${target.kind === 'pod' ? 'pod' : target.resource}/${target.name}`;
}

/** What finding the target's pods begins with. */
export function firstQuestionArgs(kubectl: KubectlSettings, target: Target): string[] {
  switch (target.kind) {
    case 'pod':
    case 'workload':
      return getArgs(kubectl, objectOf(target));
    case 'selector':
      return listArgs(kubectl, 'pods', { selector: target.selector });
    case 'app':
      return listArgs(kubectl, 'pods', { selector: target.selectors[0] ?? '' });
  }
}

/** One JSON object a line, `{"type":"ADDED","object":{…}}`; goes on until it is stopped. */
export function watchPodsArgs(kubectl: KubectlSettings, query: PodQuery): string[] {
  return ['get', 'pods', ...which(query), '--watch', '--output-watch-events', ...AS_JSON, NO_LIMIT, ...kubectl.flags];
}

/** `listeners`: random ports of 127.0.0.1, which kubectl prints, that all lead to `remotePort`. */
export function portForwardArgs(
  kubectl: KubectlSettings,
  pod: string,
  remotePort: number,
  listeners: number,
): string[] {
  const ports = Array.from({ length: listeners }, () => `:${remotePort}`);
  return ['port-forward', '--address=127.0.0.1', `pod/${pod}`, ...ports, NO_LIMIT, ...kubectl.flags];
}

/** Always with timestamps: a cut log is resumed by them. */
export function logsArgs(kubectl: KubectlSettings, pod: string, container: string, options: LogOptions): string[] {
  const { follow, tail = -1, since = '0s', sinceTime = '', previous = false } = options;
  return [
    'logs',
    `pod/${pod}`,
    `--container=${container}`,
    '--timestamps',
    follow ? '--follow' : '--follow=false',
    `--tail=${tail}`,
    `--since=${since}`,
    `--since-time=${sinceTime}`,
    previous ? '--previous' : '--previous=false',
    ...BARE_LOG,
    NO_LIMIT,
    ...kubectl.flags,
  ];
}

/**
 * Google's kubectl asks the server for its version first, whatever it is to do. With a token it runs no credential plugin
 * for that, which might have a question for the user, or open a browser.
 */
const NO_LOGIN = '--token=none';

/** The kubeconfig's context that is used. */
export function placeArgs(kubectl: KubectlSettings): string[] {
  const view = ['config', 'view', '--minify', '--raw=false', '--flatten=false', '--merge', '--output=json'];
  return [...view, NO_LOGIN, ...kubectl.flags];
}

/** The whole kubeconfig, without what is secret in it. */
export function configArgs(kubectl: KubectlSettings): string[] {
  return ['config', 'view', '--minify=false', '--raw=false', '--merge', '--output=json', NO_LOGIN, ...kubectl.flags];
}

/** Asks the program alone, not the cluster. */
export const VERSION_ARGS: readonly string[] = ['version', '--client', '--output=json', NO_LOGIN];

/** One container's lines as they are, all of them. */
const BARE_LOG = [
  '--prefix=false',
  '--all-containers=false',
  '--selector=',
  '--limit-bytes=0',
  '--ignore-errors=false',
];

const AS_JSON = [
  '--output=json',
  '--watch-only=false',
  '--all-namespaces=false',
  '--ignore-not-found=false',
  '--show-labels=false',
  '--sort-by=',
  '--raw=',
];

const NO_LIMIT = '--request-timeout=0';

/** Asks, and ends with the answer. */
function once({ flags, requestTimeout }: KubectlSettings): string[] {
  const limit = requestTimeout === undefined ? [] : [`--request-timeout=${requestTimeout}`];
  return ['--watch=false', '--output-watch-events=false', ...AS_JSON, ...flags, ...limit];
}

/** A pod by its name is selected, too: of one that is given by name, kubectl drops what changes before its watch begins. */
function which(query: PodQuery): string[] {
  if ('name' in query) return ['--selector=', `--field-selector=metadata.name=${query.name}`];
  return [`--selector=${query.selector}`, '--field-selector='];
}
