// Asks kubectl which context it uses, and which namespace that names.

import type { EarlyChild } from '../processes/early-child.ts';
import type { KubectlSettings } from '../request/core/settings.ts';
import { UserError } from '../values/errors.ts';
import { ask } from './ask.ts';
import { placeArgs } from './core/kubectl-args.ts';
import { decodePlace, isPlaced, needsNoContext, type Place, settleIn } from './core/place.ts';

const LONGEST_MS = 10_000;
const UNKNOWN: Place = { context: undefined, namespace: undefined };

/**
 * The settings for every call after the first: they name context and namespace. Where kubectl does not say, as in a pod,
 * they stay as they are.
 * @param options.early this very question, asked already
 * @throws {UserError} when there is no context: kubectl would try localhost:8080, where anybody may answer
 */
export async function fixPlace(
  kubectl: KubectlSettings,
  options: { signal: AbortSignal; early?: EarlyChild | undefined },
): Promise<KubectlSettings> {
  if (isPlaced(kubectl)) return kubectl;
  const { signal, early: first } = options;
  const answer = await ask(kubectl.program, placeArgs(kubectl), { timeoutMs: LONGEST_MS, signal, first });
  if (answer.kind === 'answered') return settleIn(kubectl, readPlace(answer.value));
  const { KUBERNETES_SERVICE_HOST: ofPod, KUBERNETES_MASTER: ofUser } = process.env;
  if (!/current-context must exist/.test(answer.message) || needsNoContext(kubectl) || ofPod || ofUser) return kubectl;
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
