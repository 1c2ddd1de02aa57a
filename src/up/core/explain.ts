// What a tool that failed meant, and what to do about it. The signs are those of docker, podman, buildah, nerdctl and of
// helm 3 and 4.
import { placeOptions } from '../../kubectl/core/place.ts';
import type { StageName } from './screen.ts';

export interface Explanation {
  readonly message: string;
  readonly hint: string | undefined;
}

export interface Failure {
  readonly stage: StageName;
  readonly program: string;
  /** What it printed last. */
  readonly lines: readonly string[];
  /** `exit status 1`, or the signal's name. */
  readonly how: string;
  /** The registry's host, the chart or the namespace: what a hint has to name. */
  readonly registry: string;
  readonly chart: string;
  readonly release: string;
  readonly namespace: string;
  readonly context: string | undefined;
}

/** What a hint's command has to name, or it would reach another place. */
type Where = Pick<Failure, 'namespace' | 'context'>;

type Hint = string | ((failure: Failure, found: RegExpExecArray) => string);
type Signs = readonly (readonly [sign: RegExp, hint: Hint])[];

const OTHER_BUILDER = 'start docker, or choose another builder with container-builder = "podman" in draft.toml';
const NERDCTL_NEEDS = 'nerdctl needs a running containerd and buildkitd, and buildctl on PATH';

const BUILD: Signs = [
  [/cannot connect to the docker daemon|docker daemon is not running|docker_engine/i, OTHER_BUILDER],
  [/buildkitd|buildctl.*not found|rootless containerd not running|cannot access containerd socket/i, NERDCTL_NEEDS],
  [/no space left on device/i, 'make room where the builder keeps its images'],
  [/cgroups in hybrid mode not supported/, 'set BUILDAH_ISOLATION=chroot, or use another container-builder'],
  [
    /initializing source|pull access denied|failed to resolve source metadata|manifest unknown|short-name .* did not resolve/i,
    'the base image (FROM) cannot be pulled: look at its name, log in to its registry, or see whether it can be reached',
  ],
  [
    /checking on sources|no such file or directory|COPY failed|failed to compute cache key|not found: not found/i,
    'a file that the Dockerfile names is not there, or .dockerignore leaves it out',
  ],
  [/invalid reference format/, 'look at name, registry and custom-tags in draft.toml'],
  [/dockerfile parse error|unknown instruction|Unknown flag/i, 'the Dockerfile has a mistake there'],
  [
    /exit (?:status|code):? \d+|returned a non-zero code|did not complete successfully/,
    "the step's own words are above",
  ],
  [/^tar: /m, () => 'look at build-tar in draft.toml'],
];

const PUSH: Signs = [
  [/cannot connect to the docker daemon|docker_engine/i, OTHER_BUILDER],
  [/server gave HTTP response to HTTPS client/i, insecureRegistry],
  [
    /unauthorized|authentication required|access denied|denied: |no basic auth credentials|insufficient_scope/i,
    ({ program, registry }) => `log in: ${program} login ${registry}`,
  ],
  [/connection refused/i, ({ registry }) => `is the registry ${registry} running?`],
  [
    /no such host|server misbehaving/i,
    ({ registry }) => `there is no host of that name: look at registry in draft.toml (${registry})`,
  ],
  [
    /x509|certificate/i,
    ({ registry }) => `the certificate of ${registry} is not trusted: give its authority to the builder`,
  ],
  [
    /i\/o timeout|deadline exceeded|timed out|network is unreachable|no route to host/i,
    ({ registry }) => `the registry ${registry} does not answer: is a VPN or a proxy needed?`,
  ],
  [/image not known|does not exist locally|no such image/i, 'somebody removed the image meanwhile: run up again'],
  [/no space left on device/i, 'the disk is full, here or at the registry'],
];

const RELEASE: Signs = [
  [/another operation \(install\/upgrade\/rollback\) is in progress/, pending],
  [
    /release: already exists|cannot re-use a name that is still in use/,
    'another helm released it at the same time: run up again',
  ],
  [/cluster unreachable/i, 'is the cluster running, the context the right one (--context), a VPN needed?'],
  [
    /Chart\.yaml file is missing|unable to detect chart/,
    ({ chart }) => `${chart} is no chart: look at chart in draft.toml`,
  ],
  [/missing in charts\/ directory/, ({ chart }) => `fetch what it depends on: helm dependency build ${chart}`],
  [
    /no matches for kind "?(\w+)"? in version "?([\w./-]+)"?/,
    (_, [, kind, version]) =>
      `this cluster has no ${kind} of ${version}: the chart needs a newer apiVersion, or the cluster a CustomResourceDefinition`,
  ],
  [
    /spec\.selector|required field "selector"/,
    ({ release }) =>
      `a Deployment of apps/v1 needs spec.selector.matchLabels with labels of its pods, for example draft: ${release}`,
  ],
  [
    /context deadline exceeded|timed out waiting/,
    'wait longer with --timeout, or see what keeps the pods from becoming ready',
  ],
  [
    /pre-install|post-install|pre-upgrade|post-upgrade/,
    (where) => `a hook of the chart failed: kubectl get jobs,pods${placeOptions(where)}`,
  ],
  [
    /namespaces "[^"]*" not found/,
    ({ namespace, context }) =>
      `make it: kubectl create namespace ${namespace}${placeOptions({ namespace: undefined, context })}`,
  ],
  [/is forbidden/, 'the user needs more rights in this namespace, or is this the wrong --context?'],
  [
    /cannot be imported into the current release|invalid ownership metadata/,
    ({ release }) =>
      `an object of that name was not made by release ${release}: delete it, or give the app another name`,
  ],
  [
    /field is immutable/,
    ({ release, ...where }) =>
      `Kubernetes cannot change that in place: helm uninstall ${release}${helmOptions(where)}, then run up again`,
  ],
  [/failed parsing --set/, "set in draft.toml takes KEY=VALUE in helm's own syntax: \\ goes before a comma in a value"],
  [/release name is invalid/, 'look at name in draft.toml'],
  [
    /parse error|template: |executing "|error converting YAML|YAML parse error/,
    'the chart has a mistake there; helm template shows what it makes',
  ],
];

const SIGNS: Readonly<Record<StageName, Signs>> = { build: BUILD, push: PUSH, release: RELEASE, command: [] };

export function explain(failure: Failure): Explanation {
  const { stage, program, lines, how } = failure;
  const verb = stage === 'release' ? ' upgrade' : stage === 'command' || program === 'tar' ? '' : ` ${stage}`;
  const said = saidWhy(lines);
  // What it had begun is marked as going on, and nobody is left to end it.
  if (stage === 'release' && how === 'SIGKILL')
    return { message: `${program}${verb} was killed`, hint: pending(failure) };
  const message = `${program}${verb} failed (${how})${said === '' || stage === 'command' ? '' : `: ${said}`}`;
  // What it said itself counts most: before that stand the words of what it ran.
  for (const text of [said, lines.join('\n')]) {
    for (const [sign, hint] of SIGNS[stage]) {
      const found = sign.exec(text);
      if (found !== null) return { message, hint: typeof hint === 'string' ? hint : hint(failure, found) };
    }
  }
  return { message, hint: undefined };
}

/** The tool's own error, with what belongs to it; else the last thing it said. */
function saidWhy(lines: readonly string[]): string {
  const spoken = lines.filter((line) => line.trim() !== '');
  const at = spoken.findLastIndex((line) => /^\s*(?:error|fata)\b/i.test(line));
  const told = at < 0 ? spoken.slice(-1) : spoken.slice(at, at + MOST_LINES);
  const end = told.findIndex((line, index) => index > 0 && !/^\s/.test(line) && !told[index - 1]?.endsWith(':'));
  return told
    .slice(0, end < 0 ? undefined : end)
    .map((line) => line.trim())
    .join(' ')
    .replace(/^Error: /i, '');
}

/** Of an error in one sentence. */
const MOST_LINES = 4;

function insecureRegistry({ program, registry }: Failure): string {
  switch (program) {
    case 'docker':
      return `${registry} speaks plain HTTP: name it in "insecure-registries" of docker's daemon.json`;
    case 'nerdctl':
      return `${registry} speaks plain HTTP: make /etc/containerd/certs.d/${registry}/hosts.toml for it`;
    default:
      return `${registry} speaks plain HTTP: put [[registry]] with location = "${registry}" and insecure = true into registries.conf`;
  }
}

function helmOptions(where: Where): string {
  return placeOptions(where).replace(' --context ', ' --kube-context ');
}

function pending({ release, ...where }: Failure): string {
  return `if no other helm is at it, one was killed: helm rollback ${release}${helmOptions(where)} (of a first release: helm uninstall) makes the next up work`;
}

/** @param status of the last revision, as helm history has it */
export function pendingHint(status: string | undefined, release: string, where: Where): string | undefined {
  if (status === undefined || !status.startsWith('pending-')) return undefined;
  const cure = status === 'pending-install' ? 'uninstall' : 'rollback';
  return `its last release is ${status}: if no other helm is at it, one was killed; helm ${cure} ${release}${helmOptions(where)}, then run up again`;
}
