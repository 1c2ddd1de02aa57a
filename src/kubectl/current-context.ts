// Asks kubectl which context it uses, and which namespace that names: once for all apps of a run.

import type { EarlyChild } from '../processes/early-child.ts';
import type { KubectlSettings } from '../request/core/settings.ts';
import { UserError } from '../values/errors.ts';
import { ask } from './ask.ts';
import { placeArgs } from './core/kubectl-args.ts';
import { decodePlace, isPlaced, needsNoContext, type Place, settleIn } from './core/place.ts';
import type { PluginLogin } from './plugin-login.ts';

const LONGEST_MS = 10_000;
const UNKNOWN: Place = { context: undefined, namespace: undefined };

/**
 * The settings for every call after the first: they name context and namespace. Where kubectl does not say, as in a pod,
 * they stay as they are.
 * @throws {UserError} when there is no context: kubectl would try localhost:8080, where anybody may answer
 */
export type FixPlace = (kubectl: KubectlSettings) => Promise<KubectlSettings>;

interface FixPlaceOptions {
  readonly signal: AbortSignal;
  /** This very question, asked already. */
  readonly early?: EarlyChild | undefined;
  /** Of the session that is to begin. */
  readonly login?: PluginLogin;
}

/** For settings that differ in nothing but their namespace: the kubeconfig's answer is the same for all. */
export function createFixPlace(options: FixPlaceOptions): FixPlace {
  const { login } = options;
  let asked: Promise<Place> | undefined;
  const placeOf = (kubectl: KubectlSettings) => {
    asked ??= askPlace(kubectl, options);
    return asked;
  };
  return async (kubectl) => {
    const placed = isPlaced(kubectl) ? kubectl : settleIn(kubectl, await placeOf(kubectl));
    if (placed.hasPlugin === true) login?.usePlugin();
    // Where it was not asked, a plugin shows when it fails.
    return placed.hasPlugin === false ? placed : { ...placed, login };
  };
}

async function askPlace(kubectl: KubectlSettings, { signal, early: first }: FixPlaceOptions): Promise<Place> {
  const answer = await ask(kubectl.program, placeArgs(kubectl), { timeoutMs: LONGEST_MS, signal, first });
  if (answer.kind === 'answered') return readPlace(answer.value);
  const { KUBERNETES_SERVICE_HOST: ofPod, KUBERNETES_MASTER: ofUser } = process.env;
  if (!/current-context must exist/.test(answer.error.message) || needsNoContext(kubectl) || ofPod || ofUser)
    return UNKNOWN;
  throw new UserError('kubectl has no current context', {
    hint: 'is there a kubeconfig (--kubeconfig, $KUBECONFIG, ~/.kube/config)? kubectl config get-contexts shows its contexts',
  });
}

function readPlace(value: unknown): Place {
  try {
    return decodePlace(value);
  } catch {
    return UNKNOWN;
  }
}
