// Which ports are tunnelled, where they are to be had locally, and what happens when one cannot be had.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { echoProgram, sitesProgram } from '../cluster/programs.ts';
import { FAKE_KUBECTL, fakeEnv } from '../harness/fake-kubectl.ts';
import { get } from '../harness/http.ts';
import { BUNDLE, besidesPlace } from '../harness/program.ts';
import { endConnected, errorOf, freePort, HAS_IPV6, linesOf, occupy, type Place, startPlace } from './connect-setup.ts';

describe('ports', { concurrency: 3 }, () => {
  let place: Place;
  let plain: string;

  before(async () => {
    place = await startPlace();
    plain = tmpdir();
    const { cluster } = place;
    cluster.deploy({
      name: 'web',
      containers: [
        {
          name: 'proxy',
          role: 'sidecar',
          ports: [{ containerPort: 15000, name: 'admin' }],
          program: sitesProgram([15000]),
        },
        { name: 'setup', role: 'init', ports: [{ containerPort: 7000 }], program: () => {} },
        {
          name: 'web',
          ports: [
            { containerPort: 8080, name: 'http' },
            { containerPort: 53, name: 'dns', protocol: 'UDP' },
            { containerPort: 9000, protocol: 'SCTP' },
          ],
          program: sitesProgram([8080]),
        },
        {
          name: 'twin',
          ports: [{ containerPort: 8080 }, { containerPort: 9091, name: 'metrics' }],
          program: sitesProgram([9091]),
        },
      ],
    });
    cluster.deploy({ name: 'worker', containers: [{ name: 'main', program: (process) => process.log('working\n') }] });
    // Connected by nobody: whatever asks for a forward to it should not have.
    cluster.deploy({
      name: 'pair',
      containers: [{ name: 'pair', ports: [{ containerPort: 81 }, { containerPort: 82 }] }],
    });
    cluster.deploy({
      name: 'echo',
      containers: [{ name: 'echo', ports: [{ containerPort: 7 }], program: echoProgram(7) }],
    });
    cluster.deploy({ name: 'hidden', containers: [{ name: 'hidden', program: sitesProgram([9229]) }] });
    for (const name of ['web', 'worker', 'pair', 'echo', 'hidden']) await cluster.workload(name).settled();
  });
  after(() => place.stop());

  const NOTES = [
    'port 53/UDP (dns) of container web is skipped: only TCP can be tunnelled',
    'port 9000/SCTP of container web is skipped: only TCP can be tunnelled',
  ];

  test('sidecars are connected, init containers, UDP and SCTP are not, and a port of two containers is one tunnel', async () => {
    const program = place.run(['deploy/web'], { cwd: plain });
    const ports = await program.connected(3);
    assert.deepEqual([...ports.keys()], ['proxy:15000', 'web:8080', 'twin:9091']);
    assert.deepEqual(linesOf(program.stderr()), NOTES);
    for (const [remote, port] of ports) {
      assert.equal((await get(port)).body, `<h1>site on port ${remote.split(':')[1]}</h1>\n`);
    }
    await endConnected(program);
  });

  test('-p takes ports by number and by name, repeated and in a comma list', async () => {
    const [a, b, c] = [await freePort(), await freePort(), await freePort()];
    const program = place.run(['deploy/web', '-p', `${a}:http,${b}:9091`, '--override-port', `${c}:admin`], {
      cwd: plain,
    });
    const ports = await program.connected(3);
    assert.deepEqual(
      [...ports],
      [
        ['proxy:15000', c],
        ['web:8080', a],
        ['twin:9091', b],
      ],
    );
    await endConnected(program);
  });

  test(':REMOTE and 0:REMOTE are random local ports, PORT is the same port', async () => {
    const program = place.run(['deploy/web', '-p', ':8080', '-p', '0:metrics', '-p', '15000'], { cwd: plain });
    const ports = await program.connected(3);
    assert.equal(ports.get('proxy:15000'), 15000);
    assert.equal(new Set(ports.values()).size, 3);
    for (const port of ports.values()) assert.equal((await get(port)).status, 200);
    await endConnected(program);
  });

  test('a port name in -p that the pod does not have is skipped with a note', async () => {
    const end = await place.toEnd(['deploy/web', '-p', '8080:grpc', '-p', '5353:dns', '--dry-run'], { cwd: plain });
    assert.equal(end.code, 0);
    assert.deepEqual(linesOf(end.stderr), [
      ...NOTES,
      'mapping 8080:grpc is skipped: the pod has no port grpc; its ports are admin (15000), http (8080), metrics (9091)',
      'mapping 5353:dns is skipped: port dns is UDP',
    ]);
  });

  test('svc/NAME: REMOTE is the port of the Service, not a container port of that number', async () => {
    place.cluster.addService({
      name: 'web',
      selector: { app: 'web' },
      ports: [
        { name: 'front', port: 15000, targetPort: 8080 },
        { name: 'side', port: 80, targetPort: 'metrics' },
        { name: 'debug', port: 81, targetPort: 7777 },
      ],
    });
    const program = place.run(['svc/web', '-p', ':15000,:side,:debug'], { cwd: plain });
    const ports = await program.connected(4);
    assert.deepEqual([...ports.keys()], ['proxy:15000', 'web:8080', 'twin:9091', 'web:7777']);
    assert.equal((await get(ports.get('web:8080') ?? 0)).body, '<h1>site on port 8080</h1>\n');
    assert.match(program.stderr(), /^no container of pod web-\S+ declares port 7777: it is forwarded all the same$/m);
    await endConnected(program);
  });

  test('a port that no container declares is forwarded: one that listens answers', async () => {
    const program = place.run(['deploy/hidden', '-p', ':9229'], { cwd: plain });
    const ports = await program.connected(1);
    assert.equal((await get(ports.get('hidden:9229') ?? 0)).body, '<h1>site on port 9229</h1>\n');
    await endConnected(program);
  });

  test('one port by its number and by its name is a port mapped twice', async () => {
    const end = await place.toEnd(['deploy/web', '-p', '8080:8080,8081:http'], { cwd: plain });
    assert.equal(errorOf({ stderr: end.stderr.replace(/^port .*\n/gm, '') }).error, 'remote port 8080 already mapped');
    assert.equal(end.stdout, '');
  });

  test('a pod without ports has its logs shown, with a note, and stays connected', async () => {
    const program = place.run(['deploy/worker'], { cwd: plain });
    await program.sees('stdout', /^\[main\]: working\n$/);
    const [pod] = place.cluster.podNames('worker');
    assert.equal(program.stderr(), `pod ${pod} exposes no TCP port: logs only\n`);
    await endConnected(program);
  });

  const mistakes: readonly (readonly [title: string, args: readonly string[], error: string | RegExp])[] = [
    ['one local port twice', ['-p', '8080:80', '-p', '8080:81'], 'local port 8080 already mapped'],
    ['one remote port twice', ['-p', '8080:8081', '-p', '8082:8081'], 'remote port 8081 already mapped'],
    ['an empty one', ['-p', ''], /^malformed port mapping '': expected LOCAL:REMOTE, /],
    ['an empty one in a list', ['-p', '8080:80,'], /^malformed port mapping '': expected LOCAL:REMOTE, /],
    ['a control character', ['-p', '8080:\u001b[31m'], /^malformed port mapping '8080:\\u001b\[31m': expected /],
    ['a remote port too high', ['-p', '8080:70000'], "port 70000 in '8080:70000' is outside 0-65535"],
    ['remote port 0', ['-p', '8080:0'], /^remote port 0 in '8080:0': only a local port can be 0/],
  ];
  for (const [title, args, error] of mistakes) {
    test(`-p with ${title} is an error before anything is opened`, async () => {
      const end = await place.toEnd(['deploy/web', '--kubectl', '/nowhere/kubectl', ...args], { cwd: plain });
      const said = errorOf(end).error;
      if (typeof error === 'string') assert.equal(said, error);
      else assert.match(said, error);
      assert.equal(end.code, 2);
      assert.equal(end.stdout, '');
    });
  }

  const busy: readonly (readonly [title: string, hosts: readonly string[], where: string])[] = [
    ['127.0.0.1 only', ['127.0.0.1'], '127.0.0.1'],
    ['::1 only', ['::1'], '[::1]'],
    ['both addresses', ['127.0.0.1', '::1'], '127.0.0.1'],
  ];
  for (const [title, hosts, where] of busy) {
    const skip = hosts.includes('::1') && !HAS_IPV6 && 'this machine has no IPv6';
    test(`a local port that is busy on ${title} is an error, and nothing was opened`, { skip }, async () => {
      const port = await freePort();
      const other = await freePort();
      const held = [];
      for (const host of hosts) held.push(await occupy(host, port));
      // The busy one is the last: nothing may be kept of the first.
      const end = await place.toEnd(['deploy/pair', '-p', `${other}:81`, '-p', `${port}:82`], { cwd: plain });
      for (const each of held) each.close();
      assert.equal(end.stdout, '');
      assert.deepEqual(linesOf(end.stderr), [
        `Error: local port ${port} is not available: ${where}:${port}: already in use`,
        'Hint: choose another one with -p LOCAL:REMOTE, or any free one with -p :REMOTE',
      ]);
      assert.equal(end.code, 1);
      const forwards = place.cluster.requests.filter((request) => request.subresource === 'portforward');
      assert.deepEqual(
        forwards.filter(({ name }) => name?.startsWith('pair-')),
        [],
      );
      (await occupy('127.0.0.1', other)).close();
    });
  }

  test('a privileged port without the privilege is an error that says so', {
    skip: mayUsePrivilegedPorts(),
  }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'draft-connect-nobody-'));
    try {
      chmodSync(folder, 0o777);
      const bundle = join(folder, 'kubectl-draft_connect');
      copyFileSync(BUNDLE, bundle);
      const kubeconfig = join(folder, 'kubeconfig');
      copyFileSync(place.cluster.kubeconfig, kubeconfig);
      chmodSync(kubeconfig, 0o644);
      const end = await asNobody(bundle, ['deploy/web', '-p', '80:8080', '--kubeconfig', kubeconfig], folder);
      assert.deepEqual(linesOf(besidesPlace(end.stderr)).slice(NOTES.length), [
        'Error: local port 80 is not available: 127.0.0.1:80: permission denied (ports below 1024 need privileges)',
        'Hint: choose another one with -p LOCAL:REMOTE, or any free one with -p :REMOTE',
      ]);
      assert.equal(end.code, 1);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  const addresses: readonly (readonly [
    args: readonly string[],
    shown: string,
    answers: readonly string[],
    silent: readonly string[],
  ])[] = [
    [['127.0.0.1'], '127.0.0.1:PORT', ['127.0.0.1'], ['::1']],
    [['::1'], '[::1]:PORT', ['::1'], ['127.0.0.1']],
    [['0.0.0.0'], '0.0.0.0:PORT', ['127.0.0.1', '127.0.0.2'], ['::1']],
    [['127.0.0.2', '::1'], '127.0.0.2:PORT, [::1]:PORT', ['127.0.0.2', '::1'], ['127.0.0.1']],
    [['localhost', '127.0.0.1'], 'localhost:PORT, 127.0.0.1:PORT', ['127.0.0.1', '::1'], ['127.0.0.2']],
    [['localhost,::1'], 'localhost:PORT, [::1]:PORT', ['127.0.0.1', '::1'], ['127.0.0.2']],
  ];
  for (const [given, shown, answers, silent] of addresses) {
    const skip = given.join().includes('::1') && !HAS_IPV6 && 'this machine has no IPv6';
    test(`--address ${given.join(' and ')} listens there and nowhere else`, { skip }, async () => {
      const port = await freePort();
      const args = ['deploy/web', '-c', 'twin', '--no-logs', '-p', `${port}:9091`];
      const program = place.run([...args, ...given.flatMap((address) => ['--address', address])], { cwd: plain });
      await program.sees('stdout', /metrics|9091/);
      const line = linesOf(program.stdout()).find((one) => one.includes(':9091 '));
      assert.equal(line, `Connect to twin:9091 on ${shown.replaceAll('PORT', String(port))}`);
      for (const host of answers)
        if (HAS_IPV6 || !host.includes(':')) assert.equal((await get(port, '/', { host })).status, 200);
      for (const host of silent) await assert.rejects(get(port, '/', { host }), /ECONNREFUSED|EADDRNOTAVAIL/);
      await endConnected(program);
    });
  }

  // In a network whose random ports are all the same one.
  const narrow = 'ip link set lo up && echo 40000 40000 > /proc/sys/net/ipv4/ip_local_port_range && exec "$@"';
  const unshare = ['-n', 'sh', '-c', narrow, 'sh'];
  const cannot = spawnSync('unshare', [...unshare, 'true']).status !== 0 && 'no network namespace can be made';
  test('a random port is never the one that a mapping asks for', { skip: cannot }, () => {
    const pod = { containers: [{ name: 'go', ports: [80, 81] }] };
    const args = ['-l', 'a=b', '-p', '40000:81', '--address', '127.0.0.1', '--kubectl', FAKE_KUBECTL];
    const { status, stderr } = spawnSync('unshare', [...unshare, process.execPath, BUNDLE, ...args], {
      cwd: plain,
      env: { ...process.env, ...fakeEnv({ pod }) },
      encoding: 'utf8',
    });
    // The mapping has it; it is the random one that finds none.
    assert.match(
      besidesPlace(stderr),
      /^Error: no local port is available on 127.0.0.1: already in use\nHint: choose another one with -p LOCAL:REMOTE\n/,
    );
    assert.equal(status, 1);
  });

  test('an address that this machine does not have is an error', async () => {
    const end = await place.toEnd(['deploy/echo', '--address', '192.0.2.1', '-p', '7777:7'], { cwd: plain });
    const { error, hint } = errorOf(end);
    assert.equal(error, 'local port 7777 is not available: 192.0.2.1:7777: this machine does not have that address');
    assert.equal(hint, 'name another address of this machine with --address');
    assert.equal(end.code, 1);
    const random = await place.toEnd(['deploy/echo', '--address', '192.0.2.1'], { cwd: plain });
    assert.equal(
      errorOf(random).error,
      'no local port is available on 192.0.2.1: this machine does not have that address',
    );
  });

  test('a link-local address is an error that is about the address', { skip: !HAS_IPV6 }, async () => {
    const end = await place.toEnd(['deploy/echo', '--address', 'fe80::1', '-p', '7777:7'], { cwd: plain });
    const { error, hint } = errorOf(end);
    assert.match(error, /^local port 7777 is not available: \[fe80::1\]:7777: nothing can listen on that address/);
    assert.equal(hint, 'name another address of this machine with --address');
  });
});

function mayUsePrivilegedPorts(): string | false {
  if (process.platform !== 'linux') return 'Linux only';
  if (process.getuid?.() !== 0) return 'only root can become nobody';
  const first = Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'));
  if (first <= 80) return 'everybody may listen on port 80 here';
  return false;
}

function asNobody(bundle: string, args: readonly string[], home: string) {
  const child = spawn(process.execPath, [bundle, ...args], {
    uid: 65534,
    gid: 65534,
    cwd: home,
    env: { PATH: process.env['PATH'], HOME: home },
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise<{ code: number | null; stderr: string }>((resolve) => {
    child.once('close', (code) => resolve({ code, stderr }));
  });
}
