// A kubeconfig for the cluster, in a temporary folder of its own.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Kubeconfig {
  readonly path: string;
  remove(): void;
}

export function writeKubeconfig(url: string): Kubeconfig {
  const folder = mkdtempSync(join(tmpdir(), 'embedded-cluster-'));
  const path = join(folder, 'kubeconfig');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'embedded', cluster: { server: url } }],
    users: [{ name: 'embedded', user: {} }],
    contexts: [{ name: 'embedded', context: { cluster: 'embedded', user: 'embedded', namespace: 'default' } }],
    'current-context': 'embedded',
  };
  writeFileSync(path, JSON.stringify(config, undefined, 2));
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
