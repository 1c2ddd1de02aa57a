// Krew's manifest as Krew reads it, and Krew's documented rules for it (docs "Plugin manifest", "Naming guide").
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { availableKubectls } from '../kubectls.ts';

export interface KrewPlatform {
  readonly uri: string;
  readonly sha256: string;
  readonly bin: string;
  readonly files?: unknown;
  readonly selector: { readonly matchLabels: { readonly os: string; readonly arch: string } };
}

export interface KrewManifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly version: string;
    readonly homepage: string;
    readonly shortDescription: string;
    readonly description: string;
    readonly platforms: readonly KrewPlatform[];
  };
}

/** kubectl's YAML parser, which is Krew's too; `folder` is for a file of its own. */
export function parseManifest(text: string, folder: string): KrewManifest {
  const file = join(folder, 'to-parse.yaml');
  writeFileSync(file, text);
  const [kubectl] = availableKubectls();
  assert.ok(kubectl);
  const args = ['annotate', '--local', '--filename', file, '--output', 'json', 'read=yes'];
  return JSON.parse(execFileSync(kubectl.path, args, { encoding: 'utf8' })) as KrewManifest;
}

/** @throws {AssertionError} */
export function followsKrewsRules({ apiVersion, kind, metadata, spec }: KrewManifest): void {
  assert.equal(apiVersion, 'krew.googlecontainertools.github.com/v1alpha2');
  assert.equal(kind, 'Plugin');
  assert.match(metadata.name, /^[a-z]+(-[a-z]+)*$/, 'kebab case');
  assert.doesNotMatch(metadata.name, /^kube/);
  assert.match(spec.version, /^v(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/, 'semantic version after a v');
  assert.ok(spec.shortDescription.length > 0 && spec.shortDescription.length <= 50);
  assert.doesNotMatch(spec.shortDescription, /[.!]$/);
  assert.notEqual(spec.description, '');
  assert.ok(URL.canParse(spec.homepage));
  const systems = spec.platforms.map(({ selector }) => `${selector.matchLabels.os}-${selector.matchLabels.arch}`);
  assert.ok(systems.length > 0);
  assert.equal(new Set(systems).size, systems.length, 'selectors overlap');
  for (const { uri, sha256, bin, selector } of spec.platforms) {
    const { os, arch } = selector.matchLabels;
    assert.ok(URL.canParse(uri) && uri.startsWith('https://'), uri);
    assert.match(uri, new RegExp(`-${os}-${arch}\\.(?:tar\\.gz|zip)$`));
    assert.match(sha256, /^[0-9a-f]{64}$/);
    assert.equal(bin, os === 'windows' ? 'kubectl-draft_connect.exe' : 'kubectl-draft_connect');
  }
}
