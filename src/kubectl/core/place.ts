// The place of a session: the context and namespace that every call after the first names.
//
// Without that a running session would follow `kubectl config use-context` of another terminal to another cluster.

import type { KubectlSettings } from '../../request/core/settings.ts';
import { anything, list, object, optional, string } from '../../values/decode.ts';
import { quoted } from '../../values/quote.ts';

export interface Place {
  /** Undefined where there is none, as in a pod. */
  readonly context: string | undefined;
  readonly namespace: string | undefined;
  /** A credential plugin logs in there; undefined where kubectl does not say. */
  readonly hasPlugin?: boolean | undefined;
}

/** Whether the flags name it already. */
export function isPlaced({ context, namespace }: KubectlSettings): boolean {
  return context !== undefined && namespace !== undefined;
}

const config = object((field) => ({
  context: field('current-context', optional(string)) || undefined,
  namespaces: field('contexts', list(object((context) => context('context?.namespace', optional(string))))),
  plugins: field('users', list(object((user) => user('user?.exec', optional(anything))))),
}));

/** Of what `kubectl config view --minify` prints: the one context that is used. */
export function decodePlace(value: unknown): Place {
  const { context, namespaces, plugins } = config(value, '');
  return { context, namespace: namespaces[0] || 'default', hasPlugin: plugins.some((exec) => exec !== undefined) };
}

/** What the flags say goes before what the kubeconfig says. */
export function settleIn(kubectl: KubectlSettings, place: Place): KubectlSettings {
  const context = kubectl.context ?? place.context;
  const namespace = kubectl.namespace ?? place.namespace;
  return {
    ...kubectl,
    context,
    namespace,
    hasPlugin: kubectl.hasPlugin ?? place.hasPlugin,
    flags: [
      ...kubectl.flags,
      ...(kubectl.context === undefined && context !== undefined ? [`--context=${context}`] : []),
      ...(kubectl.namespace === undefined && namespace !== undefined ? [`--namespace=${namespace}`] : []),
    ],
  };
}

/** kubectl takes a cluster from elsewhere than a context. */
export function needsNoContext({ flags }: KubectlSettings): boolean {
  return flags.some((flag) => /^--(?:server|cluster)=/.test(flag));
}

/** ` in namespace N (context C)`, as far as they are known. */
export function placeWords({ context, namespace }: Place): string {
  const where = namespace === undefined ? '' : ` in namespace ${namespace}`;
  return context === undefined ? where : `${where} (context ${context})`;
}

/** ` -n N --context C`, for a command in a hint: it must not reach another place. */
export function placeOptions({ context, namespace }: Place): string {
  const where = namespace === undefined ? '' : ` -n ${namespace}`;
  if (context === undefined) return where;
  return `${where} --context ${/^[\w@%+=:,./-]+$/.test(context) ? context : quoted(context)}`;
}
