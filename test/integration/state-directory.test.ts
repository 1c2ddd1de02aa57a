// Where records are written, and where they must not be.
import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { detachedTest } from '../harness/detached.ts';
import { deletedPod } from '../harness/fake-kubectl.ts';
import { LINUX_ONLY } from '../harness/tools.ts';

const TARGET = 'pod/example-go-1';
/** The session ends by itself. */
const DELETED = { rules: [{ match: '--watch', stdout: deletedPod('example-go-1'), hang: true }] };
const NOBODY = 65_534;
const ROOT_ONLY = { skip: process.getuid?.() !== 0 && 'needs root' };

describe('the state directory', LINUX_ONLY, () => {
  for (const link of ['draft-connect', 'draft-connect/connections']) {
    test(`is an error when ${link} is a link, and what it leads to stays as it is`, () =>
      detachedTest(async ({ run, state }) => {
        const elsewhere = join(state, 'elsewhere');
        mkdirSync(elsewhere);
        chmodSync(elsewhere, 0o755);
        mkdirSync(join(state, link, '..'), { recursive: true, mode: 0o700 });
        symlinkSync(elsewhere, join(state, link));
        const { code, stdout, stderr } = await run([TARGET, '--detach']);
        assert.deepEqual([code, stdout], [1, '']);
        assert.match(stderr, /^Error: \/\S+ is a link; .*\nHint: .*XDG_STATE_HOME\n$/);
        assert.deepEqual([statSync(elsewhere).mode & 0o777, readdirSync(elsewhere)], [0o755, []]);
      }));
  }

  test('is made in no directory of another user', ROOT_ONLY, () =>
    detachedTest(async ({ run, state }) => {
      chownSync(state, NOBODY, NOBODY);
      const { code, stdout, stderr } = await run([TARGET, '--detach']);
      assert.deepEqual([code, stdout, readdirSync(state)], [1, '', []]);
      assert.match(stderr, /^Error: the directory \/\S+ belongs to another user\nHint: .*XDG_STATE_HOME\n$/);
    }),
  );

  test("is root's own when root has the HOME of a user, as under sudo", ROOT_ONLY, () =>
    detachedTest(async ({ run, state }) => {
      chownSync(state, NOBODY, NOBODY);
      const env = { HOME: state, XDG_STATE_HOME: undefined };
      const { code, stdout, stderr } = await run([TARGET, '--detach', '-o', 'json'], env);
      assert.equal(code, 0, stderr);
      const { id } = JSON.parse(stdout);
      assert.ok(existsSync(join(userInfo().homedir, '.local/state/draft-connect/connections', `${id}.json`)));
      assert.equal((await run(['stop', id], env)).code, 0);
      assert.deepEqual(readdirSync(state), []);
    }),
  );

  for (const [title, id] of [
    ['a path', '../../stolen'],
    ['the ID of another session', 'abcdef'],
    ['an ID that nobody has reserved', 'ghijkm'],
  ] as const) {
    test(`holds no session called by ${title} of the environment`, () =>
      detachedTest(async ({ run, state, connections, files }) => {
        mkdirSync(connections, { recursive: true, mode: 0o700 });
        for (const name of ['abcdef.json', 'abcdef.log']) writeFileSync(join(connections, name), '');
        const { code, stdout } = await run([TARGET, '--export', '--timeout=1s'], { DRAFT_CONNECT_ID: id });
        assert.deepEqual([code, /SERVICE_PORT_8080='\d+';\n$/.test(stdout)], [1, true], stdout);
        assert.deepEqual(readdirSync(state), ['draft-connect']);
        assert.equal(statSync(join(connections, 'abcdef.json')).size, 0);
        assert.ok(!files().includes('ghijkm.json'));
      }, DELETED));
  }
});
