// A login in front of the cluster: TLS, since kubectl sends credentials over nothing else, and a kubeconfig whose user is a
// credential plugin, a shell script of the test's.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';

export interface Login {
  readonly kubeconfig: string;
  /** The plugin's own folder, its working directory. */
  readonly folder: string;
  stop(): void;
}

/** @param script what the plugin does before it answers; it may exit instead */
export async function startLogin(clusterKubeconfig: string, script: string): Promise<Login> {
  const folder = mkdtempSync(join(tmpdir(), 'embedded-login-'));
  const [key, cert, plugin, kubeconfig] = ['key', 'cert', 'plugin', 'kubeconfig'].map((name) => join(folder, name));
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'];
  execFileSync('openssl', [...request, '-subj', '/CN=embedded', '-keyout', `${key}`, '-out', `${cert}`], {
    stdio: 'ignore',
  });
  const config = JSON.parse(readFileSync(clusterKubeconfig, 'utf8'));
  const behind = new URL(config.clusters[0].cluster.server);
  const server = createServer({ key: readFileSync(`${key}`), cert: readFileSync(`${cert}`) }, (client) => {
    const upstream = connect(Number(behind.port), behind.hostname);
    client.on('error', () => upstream.destroy()).on('close', () => upstream.destroy());
    upstream.on('error', () => client.destroy()).on('close', () => client.destroy());
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const apiVersion = 'client.authentication.k8s.io/v1';
  const credential = JSON.stringify({ apiVersion, kind: 'ExecCredential', status: { token: 'x' } });
  writeFileSync(`${plugin}`, `#!/bin/sh\ncd '${folder}' || exit 1\necho >>asked\n${script}\necho '${credential}'\n`);
  chmodSync(`${plugin}`, 0o755);
  config.clusters[0].cluster = { server: `https://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true };
  config.users[0].user = { exec: { apiVersion, command: plugin, interactiveMode: 'IfAvailable' } };
  writeFileSync(`${kubeconfig}`, JSON.stringify(config));
  return {
    kubeconfig: `${kubeconfig}`,
    folder,
    stop() {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
