// How helm is called, so that it releases in the very cluster and namespace that kubectl is asked about.
import { usageError } from '../../values/errors.ts';
import type { Call } from './builder.ts';

export interface Place {
  readonly namespace: string;
  /** Undefined where there is no kubeconfig, as in a pod. */
  readonly context: string | undefined;
  /** kubectl's own flags as the user gave them, in `--flag=value` form. */
  readonly kubectlFlags: readonly string[];
}

export interface Release {
  readonly name: string;
  /** An absolute path, or a reference with a scheme. */
  readonly chart: string;
  readonly repository: string;
  readonly tag: string;
  readonly buildId: string;
  /** `KEY=VALUE` each, in helm's own syntax. */
  readonly set: readonly string[];
  readonly wait: boolean;
  readonly timeoutMs: number;
  readonly createNamespace: boolean;
}

/** What helm calls kubectl's flags. */
const TRANSLATED: Readonly<Record<string, string>> = {
  kubeconfig: 'kubeconfig',
  server: 'kube-apiserver',
  token: 'kube-token',
  as: 'kube-as-user',
  'as-group': 'kube-as-group',
  'certificate-authority': 'kube-ca-file',
  'tls-server-name': 'kube-tls-server-name',
  'insecure-skip-tls-verify': 'kube-insecure-skip-tls-verify',
};
/** Stated otherwise, or without a meaning for helm. */
const LEFT_OUT = new Set(['namespace', 'context', 'cache-dir', 'disable-compression', 'v', 'request-timeout']);

/** Variables that would turn helm to another cluster than kubectl, which knows none of them. */
const HELM_ENVIRONMENT = {
  HELM_NAMESPACE: undefined,
  HELM_KUBECONTEXT: undefined,
  HELM_KUBEAPISERVER: undefined,
  HELM_KUBETOKEN: undefined,
  HELM_KUBEASUSER: undefined,
  HELM_KUBEASGROUPS: undefined,
  HELM_KUBECAFILE: undefined,
  HELM_KUBEINSECURE_SKIP_TLS_VERIFY: undefined,
  HELM_KUBETLS_SERVER_NAME: undefined,
};

/** @throws {UserError} for a flag of kubectl's that helm has no equal of */
export function helmPlaceFlags({ namespace, context, kubectlFlags }: Place): readonly string[] {
  return [
    `--namespace=${namespace}`,
    ...(context === undefined ? [] : [`--kube-context=${context}`]),
    ...kubectlFlags.flatMap((flag) => {
      const [, name = '', value = ''] = /^--([^=]+)=(.*)$/s.exec(flag) ?? [];
      if (LEFT_OUT.has(name)) return [];
      const own = TRANSLATED[name];
      if (own !== undefined) return [`--${own}=${value}`];
      throw usageError(`helm has no flag like --${name}`, 'name a context that says the same with --context');
    }),
  ];
}

export function upgradeCall(release: Release, place: Place): Call {
  const { name, chart, repository, tag, buildId, wait, timeoutMs } = release;
  // Texts, whatever they look like: a tag of digits alone is no number. None of them has a comma.
  const own = [`image.repository=${repository}`, `image.tag=${tag}`, `draft=${name}`, `buildID=${buildId}`];
  return helm([
    'upgrade',
    '--install',
    ...helmPlaceFlags(place),
    ...(release.createNamespace ? ['--create-namespace'] : []),
    `--set-string=${own.join(',')}`,
    ...release.set.map((each) => `--set=${each}`),
    ...(wait ? ['--wait'] : []),
    // Hooks are waited for in any case.
    `--timeout=${timeoutMs}ms`,
    '--',
    name,
    chart,
  ]);
}

/** The values of the last release that succeeded, as JSON. */
export function valuesCall(name: string, place: Place): Call {
  return helm(['get', 'values', ...helmPlaceFlags(place), '--output=json', '--', name]);
}

/** The last revision's state, as JSON. */
export function historyCall(name: string, place: Place): Call {
  return helm(['history', ...helmPlaceFlags(place), '--output=json', '--max=1', '--', name]);
}

function helm(args: readonly string[]): Call {
  return { program: 'helm', args, env: HELM_ENVIRONMENT };
}

/** What helm said it released before; undefined when it cannot be told. */
export interface Released {
  readonly image: string;
  readonly buildId: string;
}

export function decodeReleased(values: unknown): Released | undefined {
  const image = member(values, 'image');
  const [repository, tag, buildId] = [member(image, 'repository'), member(image, 'tag'), member(values, 'buildID')];
  if (typeof repository !== 'string' || typeof tag !== 'string' || typeof buildId !== 'string') return undefined;
  return { image: `${repository}:${tag}`, buildId };
}

function member(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[key];
}

/** `pending-install`, `pending-upgrade`, `deployed`, …; undefined when it cannot be told. */
export function decodeStatus(history: unknown): string | undefined {
  const status = Array.isArray(history) ? member(history.at(-1), 'status') : undefined;
  return typeof status === 'string' ? status : undefined;
}
