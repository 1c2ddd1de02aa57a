// The few changes people make by kubectl in a demo: delete a pod, restart or scale a workload.
import { ApiError, notFound } from './api-error.ts';
import type { KubeObject } from './kube-objects.ts';
import type { ApiRequest } from './requests.ts';
import type { Simulation } from './simulation.ts';
import type { Workload } from './workload.ts';

interface Change {
  readonly spec?: { readonly replicas?: number; readonly template?: object };
  readonly gracePeriodSeconds?: number;
}

/** Carries the request out and returns the object as it is then. */
export function changeObject(simulation: Simulation, request: ApiRequest, body: unknown): KubeObject {
  const change = (typeof body === 'object' && body !== null ? body : {}) as Change;
  const plural = request.resource?.plural ?? '';
  const name = request.name ?? '';
  const object = simulation.store.get(plural, request.namespace, name);
  if (object === undefined) throw notFound(plural, name);
  if (plural === 'pods' && request.verb === 'delete') {
    const pod = simulation.pod(name, request.namespace);
    const grace = change.gracePeriodSeconds ?? Number(request.query.get('gracePeriodSeconds') ?? -1);
    if (grace === 0) pod.remove();
    else pod.delete();
    return object;
  }
  const workload = simulation.findWorkload(name, request.namespace);
  if (workload === undefined || workload.kind !== object.kind)
    throw new ApiError(405, `${plural} cannot be changed here`);
  if (request.verb === 'delete') workload.delete();
  else if (change.spec?.replicas !== undefined) workload.scale(change.spec.replicas);
  else if (change.spec?.template !== undefined) workload.rollout();
  return request.subresource === 'scale' ? scaleOf(workload) : workload.render();
}

/** What `kubectl scale` reads before it writes. */
export function getScale(simulation: Simulation, request: ApiRequest): KubeObject {
  const workload = simulation.findWorkload(request.name ?? '', request.namespace);
  if (workload === undefined) throw notFound(request.resource?.plural ?? '', request.name ?? '');
  return scaleOf(workload);
}

function scaleOf(workload: Workload): KubeObject {
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: workload.render().metadata,
    spec: { replicas: workload.replicas },
    status: { replicas: workload.pods.length },
  };
}
