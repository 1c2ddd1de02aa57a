// A simulated pod as the API's Pod object.
import type { SimContainer, State } from './container.ts';
import type { KubeObject, ObjectMeta } from './kube-objects.ts';
import type { SimPod } from './pod.ts';

export function renderPod(pod: SimPod): KubeObject {
  const init = pod.containers.filter(({ spec }) => isInit(spec.role));
  const main = pod.containers.filter(({ spec }) => !isInit(spec.role));
  const scheduled = pod.scheduled;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: renderMeta(pod),
    spec: {
      ...(init.length > 0 && { initContainers: init.map(renderSpec) }),
      containers: main.map(renderSpec),
      restartPolicy: pod.restarts ? 'Always' : 'Never',
      terminationGracePeriodSeconds: pod.template.graceSeconds ?? 30,
      ...(scheduled && { nodeName: '127.0.0.1' }),
    },
    status: {
      phase: pod.phase,
      conditions: conditions(pod),
      ...pod.evicted,
      ...(scheduled && {
        hostIP: '127.0.0.1',
        startTime: pod.createdAt,
        containerStatuses: main.map((container) => renderStatus(container)),
        ...(init.length > 0 && { initContainerStatuses: init.map((container) => renderStatus(container)) }),
      }),
      ...(pod.started && { podIP: '10.0.0.1' }),
      qosClass: 'BestEffort',
    },
  };
}

function isInit(role: string | undefined): boolean {
  return role === 'init' || role === 'sidecar';
}

function renderMeta(pod: SimPod): ObjectMeta {
  return {
    name: pod.name,
    namespace: pod.namespace,
    uid: pod.uid,
    creationTimestamp: pod.createdAt,
    labels: { ...pod.identity.labels },
    ...(pod.template.annotations !== undefined && { annotations: { ...pod.template.annotations } }),
    ...(pod.identity.owner !== undefined && { ownerReferences: pod.identity.owner }),
    ...(pod.deletion !== undefined && {
      deletionTimestamp: pod.deletion.at,
      deletionGracePeriodSeconds: pod.deletion.graceSeconds,
    }),
    managedFields: [
      {
        manager: 'kubelet',
        operation: 'Update',
        apiVersion: 'v1',
        time: pod.createdAt,
        fieldsType: 'FieldsV1',
        fieldsV1: {},
      },
    ],
  };
}

function renderSpec({ spec }: SimContainer): object {
  return {
    name: spec.name,
    image: `test.local/${spec.name}:1`,
    imagePullPolicy: 'Never',
    ...(spec.role === 'sidecar' && { restartPolicy: 'Always' }),
    ...(spec.ports !== undefined && {
      ports: spec.ports.map(({ containerPort, name, protocol = 'TCP' }) => ({
        ...(name !== undefined && { name }),
        containerPort,
        protocol,
      })),
    }),
    ...(spec.readinessProbe !== undefined && { readinessProbe: spec.readinessProbe }),
    resources: {},
  };
}

function renderStatus(container: SimContainer): object {
  const { spec, state, lastState, ready, restartCount, current } = container;
  return {
    name: spec.name,
    state: renderState(state),
    lastState: lastState === undefined ? {} : renderState(lastState),
    ready: ready && state.kind === 'running',
    restartCount,
    image: `test.local/${spec.name}:1`,
    imageID: '',
    ...(current !== undefined && { containerID: current.id }),
    started: state.kind === 'running',
  };
}

function renderState(state: State): object {
  switch (state.kind) {
    case 'waiting':
      return { waiting: { reason: state.reason, ...(state.message !== undefined && { message: state.message }) } };
    case 'running':
      return { running: { startedAt: state.startedAt } };
    case 'terminated': {
      const { exitCode, reason, startedAt, finishedAt, containerId } = state;
      return { terminated: { exitCode, reason, startedAt, finishedAt, containerID: containerId } };
    }
  }
}

function conditions(pod: SimPod): object[] {
  const condition = (type: string, met: boolean, extra: object = {}) => ({
    type,
    status: met ? 'True' : 'False',
    lastProbeTime: null,
    lastTransitionTime: type.endsWith('Ready') ? pod.readySince : pod.createdAt,
    ...extra,
  });
  const { unschedulable } = pod.template;
  if (unschedulable !== undefined) {
    return [condition('PodScheduled', false, { reason: 'Unschedulable', message: unschedulable })];
  }
  if (!pod.scheduled) return [condition('PodScheduled', true)];
  const unready = pod.containers.filter((container) => !container.ready).map(({ spec }) => spec.name);
  const why = pod.ready
    ? {}
    : { reason: 'ContainersNotReady', message: `containers with unready status: [${unready.join(' ')}]` };
  return [
    condition('Initialized', true),
    condition('Ready', pod.ready, why),
    condition('ContainersReady', pod.ready, why),
    condition('PodScheduled', true),
  ];
}
