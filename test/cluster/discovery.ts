// What kubectl asks before anything else: which groups, versions and resources there are. Only the classic documents are
// given; a client that asks for aggregated discovery takes them as well.
import { RESOURCES, type Resource } from './kube-objects.ts';

const VERBS = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];
const GROUP_VERSIONS = ['apps/v1', 'batch/v1'];

/** The document at `path`, or undefined if that is no discovery path. */
export function discoveryDocument(path: string, gitVersion: string): object | undefined {
  if (path === '/version') return versionInfo(gitVersion);
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
  if (path === '/apis') return { kind: 'APIGroupList', apiVersion: 'v1', groups: GROUP_VERSIONS.map(group) };
  const groupVersion = /^\/(?:api\/(v1)|apis\/([^/]+\/[^/]+))$/.exec(path);
  const wanted = groupVersion?.[1] ?? groupVersion?.[2];
  if (wanted !== undefined && (wanted === 'v1' || GROUP_VERSIONS.includes(wanted))) return resourceList(wanted);
  const name = /^\/apis\/([^/]+)$/.exec(path)?.[1];
  const found = GROUP_VERSIONS.find((candidate) => candidate.startsWith(`${name}/`));
  return found === undefined ? undefined : { kind: 'APIGroup', apiVersion: 'v1', ...group(found) };
}

function group(groupVersion: string): object {
  const [name, version] = groupVersion.split('/');
  return { name, versions: [{ groupVersion, version }], preferredVersion: { groupVersion, version } };
}

function resourceList(groupVersion: string): object {
  const served = RESOURCES.filter((resource) => resource.groupVersion === groupVersion);
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: served.flatMap(entries) };
}

function entries({ plural, singular, kind, shortNames, namespaced }: Resource): object[] {
  const categories = namespaced && kind !== 'Event' ? ['all'] : [];
  const own = { name: plural, singularName: singular, namespaced, kind, verbs: VERBS, shortNames, categories };
  const part = (name: string, verbs: string[], more: object = {}) => ({
    name: `${plural}/${name}`,
    singularName: '',
    namespaced,
    kind,
    verbs,
    ...more,
  });
  if (kind === 'Pod') return [own, part('log', ['get']), part('portforward', ['create', 'get'])];
  if (!['Deployment', 'ReplicaSet', 'StatefulSet'].includes(kind)) return [own];
  return [own, part('scale', ['get', 'patch', 'update'], { group: 'autoscaling', version: 'v1', kind: 'Scale' })];
}

function versionInfo(gitVersion: string): object {
  const [major, minor] = gitVersion.slice(1).split('.');
  return {
    major,
    minor,
    gitVersion,
    gitCommit: '',
    gitTreeState: 'clean',
    buildDate: '',
    goVersion: '',
    compiler: 'gc',
    platform: 'linux/amd64',
  };
}
