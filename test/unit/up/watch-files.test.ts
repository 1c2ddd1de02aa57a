import assert from 'node:assert/strict';
import fs, { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { parseDockerIgnore } from '../../../src/up/core/docker-ignore.ts';
import { watchRule } from '../../../src/up/core/watch-rule.ts';
import { watchFiles } from '../../../src/up/watch-files.ts';

describe('watched files', () => {
  let root: string;
  let watch: ReturnType<typeof watchFiles>;
  let changes = 0;
  let waiting: (() => void)[] = [];
  const write = (path: string, text = 'x') => writeFileSync(join(root, path), text);
  const change = () => {
    changes += 1;
    for (const resolve of waiting.splice(0)) resolve();
  };
  /** The next change that is told after `action`. */
  const changed = (action: () => void) =>
    new Promise<void>((resolve) => {
      waiting.push(resolve);
      action();
    });
  /** New folders are taken up a moment later: a change there is told from then on. */
  const told = async (path: string) => {
    for (const before = changes; changes === before; await delay(5)) write(path, String(performance.now()));
  };
  /** What is told of a file that counts comes after all that could have been told before. */
  const settled = () => changed(() => write('last'));
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'draft-connect-test-'));
    for (const folder of ['src', 'src/deep', '.git', 'node_modules']) mkdirSync(join(root, folder));
    for (const path of ['src/a', 'src/deep/b', '.git/index', 'node_modules/c']) write(path);
    const rule = watchRule(parseDockerIgnore('node_modules\n*.log'), []);
    watch = watchFiles(root, rule, { change, problem: assert.fail });
    changes = 0;
    waiting = [];
  });
  afterEach(() => {
    watch.stop();
    rmSync(root, { recursive: true, force: true });
  });

  test('are those of folders that may count, and no others', () => assert.equal(watch.folders, 3));

  const actions: readonly (readonly [title: string, act: () => void])[] = [
    ['is written', () => write('src/deep/b', 'y')],
    [
      'is written beside it and renamed over it',
      () => {
        write('src/.a.tmp', 'y');
        renameSync(join(root, 'src/.a.tmp'), join(root, 'src/a'));
      },
    ],
    ['is new', () => write('src/new')],
    [
      'is in a folder that was put in the place of the watched one',
      () => {
        renameSync(root, `${root}-old`);
        mkdirSync(root);
        write('a');
        rmSync(`${root}-old`, { recursive: true });
      },
    ],
    ['is gone', () => rmSync(join(root, 'src/a'))],
  ];
  for (const [title, act] of actions) test(`tell of one that ${title}`, () => changed(act));

  test('tell of every further change to one that was renamed over', async () => {
    for (let round = 0; round < 5; round++) {
      await changed(() => {
        write('src/.a.tmp', String(round));
        renameSync(join(root, 'src/.a.tmp'), join(root, 'src/a'));
      });
    }
    await changed(() => write('src/a', 'z'));
  });

  test('tell of one in a folder that is new, with what it had from the start', async () => {
    await changed(() => mkdirSync(join(root, 'new/inside'), { recursive: true }));
    await told('new/inside/x');
  });

  test('tell of one in a folder that took another’s place', async () => {
    mkdirSync(join(root, 'src.new/deep'), { recursive: true });
    write('src.new/deep/b');
    await changed(() => {
      renameSync(join(root, 'src'), join(root, 'src.old'));
      renameSync(join(root, 'src.new'), join(root, 'src'));
    });
    await told('src/deep/b');
  });

  test('tell of one in a folder that was made again, with the same inode on many file systems', async () => {
    rmSync(join(root, 'src/deep'), { recursive: true });
    mkdirSync(join(root, 'src/deep'));
    // The first ones may be told of the removal.
    for (let times = 0; times < 20; times += 1) await told('src/deep/b');
  });

  test('that cannot be watched are told once and are no change', async () => {
    const real = fs.watch;
    const limit = mock.method(fs, 'watch', (...args: Parameters<typeof fs.watch>) => {
      if (String(args[0]).includes('more')) throw Object.assign(new Error(), { code: 'ENOSPC' });
      return real(...args);
    });
    syncBuiltinESMExports();
    const more = mkdtempSync(join(tmpdir(), 'draft-connect-test-'));
    const problems: string[] = [];
    let counted = 0;
    try {
      for (const folder of ['more-1', 'more-2', 'more-1/below']) mkdirSync(join(more, folder));
      const rule = { enters: () => true, counts: (path: string) => path === 'counts' };
      const other = watchFiles(more, rule, {
        change: () => {
          counted += 1;
        },
        problem: ({ message }) => problems.push(message),
      });
      for (const before = limit.mock.callCount(); limit.mock.callCount() < before + 3; await delay(5)) {
        writeFileSync(join(more, 'other'), '');
      }
      other.stop();
    } finally {
      limit.mock.restore();
      syncBuiltinESMExports();
      rmSync(more, { recursive: true, force: true });
    }
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', /^cannot watch more-\d: too many folders are watched/);
    assert.equal(counted, 0);
  });

  test('tell nothing of .git and of what the builder does not see', async () => {
    write('.git/index', 'y');
    write('node_modules/c', 'y');
    write('debug.log');
    mkdirSync(join(root, 'node_modules/new'));
    await settled();
    // One event for making the file, one for writing it.
    assert.ok(changes <= 2, String(changes));
  });

  test('leave a folder as it is when something of its name is made in it', async () => {
    const begun = mock.method(fs, 'watch');
    syncBuiltinESMExports();
    try {
      write('src/src');
      mkdirSync(join(root, 'new'));
      while (begun.mock.callCount() === 0) await delay(5);
      assert.deepEqual(
        begun.mock.calls.map(({ arguments: [path] }) => path),
        [join(root, 'new')],
      );
    } finally {
      begun.mock.restore();
      syncBuiltinESMExports();
    }
  });
});
