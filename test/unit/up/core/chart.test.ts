import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Environment } from '../../../../src/request/core/manifest.ts';
import { type ChartFolders, chooseChart, oldApiVersions } from '../../../../src/up/core/chart.ts';

const folders = (charts: readonly string[], files: readonly string[] = []): ChartFolders => ({
  isChart: (path) => charts.includes(path),
  isFile: (path) => files.includes(path),
  names: charts.flatMap((path) => (path.startsWith('charts/') ? [path.slice(7)] : [])),
});
const wanted = (changes: Partial<Environment>): Environment =>
  ({ chart: undefined, chartTar: undefined, ...changes }) as Environment;

describe('the chart', () => {
  const found: readonly (readonly [title: string, Partial<Environment>, ChartFolders, string])[] = [
    ['is the only one in charts/', {}, folders(['charts/go']), 'charts/go'],
    ['may be named by its folder in charts/', { chart: 'go' }, folders(['charts/go', 'charts/web']), 'charts/go'],
    ['may be a path', { chart: 'deploy/chart' }, folders(['deploy/chart']), 'deploy/chart'],
    ['may be packed', { chart: 'web-1.0.0.tgz' }, folders([], ['web-1.0.0.tgz']), 'web-1.0.0.tgz'],
    ['is no program of its name', { chart: 'go' }, folders(['charts/go'], ['go']), 'charts/go'],
    ['may be one that helm fetches', { chart: 'oci://reg/web' }, folders([]), 'oci://reg/web'],
    [
      'is chart-tar’s before all others',
      { chart: 'go', chartTar: 'c.tgz' },
      folders(['charts/go'], ['c.tgz']),
      'c.tgz',
    ],
  ];
  for (const [title, changes, there, path] of found) {
    test(title, () => assert.equal(chooseChart(wanted(changes), there), path));
  }
  const missing: readonly (readonly [title: string, Partial<Environment>, ChartFolders, RegExp, RegExp])[] = [
    ['there is none', {}, folders([]), /no chart in charts/, /mkdir -p charts && helm create.*up -- COMMAND/],
    ['there are several', {}, folders(['charts/a', 'charts/b']), /several charts in charts\/: a, b/, /chart = "a"/],
    ['the named one is not there', { chart: 'x' }, folders(['charts/a']), /chart 'x' not found/, /there are: a/],
    ['the packed one is not there', { chartTar: 'x.tgz' }, folders([]), /chart-tar 'x\.tgz'/, /^$/],
  ];
  for (const [title, changes, there, message, hint] of missing) {
    test(`cannot be had when ${title}`, () =>
      assert.throws(
        () => chooseChart(wanted(changes), there),
        (error: Error & { hint?: string }) => message.test(error.message) && hint.test(error.hint ?? ''),
      ));
  }
});

const PACK = `apiVersion: extensions/v1beta1
kind: Deployment
metadata:
  name: {{ template "fullname" . }}
spec:
  replicas: {{ .Values.replicaCount }}
  template:
    metadata:
      labels:
        draft: {{ default "draft-app" .Values.draft }}
        app: {{ template "fullname" . }}
`;

describe('an old chart', () => {
  test('is told file, line and both changes', () => {
    assert.deepEqual(oldApiVersions([{ path: 'charts/go/templates/deployment.yaml', text: PACK }]), [
      'charts/go/templates/deployment.yaml:1: Deployment of extensions/v1beta1: write apiVersion: apps/v1 and, below spec:, ' +
        'selector: {matchLabels: {app: {{ template "fullname" . }}}}',
    ]);
  });
  test('is told about its Ingress, also as a later document', () => {
    const text = `kind: Service\napiVersion: v1\n---\nkind: Ingress\napiVersion: extensions/v1beta1\n`;
    assert.match(
      oldApiVersions([{ path: 'i.yaml', text }])[0] ?? '',
      /^i\.yaml:5: Ingress of extensions\/v1beta1: write networking/,
    );
  });
  test('is none that asks for today’s versions', () => {
    assert.deepEqual(oldApiVersions([{ path: 'd.yaml', text: PACK.replace('extensions/v1beta1', 'apps/v1') }]), []);
  });
});
