import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { listBuildLogs, markOf, openBuildLog } from '../../../src/up/build-log.ts';
import { makeBuildId } from '../../../src/up/core/build-id.ts';
import { ownStateHome } from './scripted-up.ts';

const id = (ms: number) => makeBuildId(ms, new Uint8Array(10));
const findBuildLog = (wanted: string) => listBuildLogs().find((log) => log.id === wanted);

describe('the log of a build', () => {
  let home: ReturnType<typeof ownStateHome>;
  beforeEach(() => {
    home = ownStateHome();
  });
  afterEach(() => home.restore());
  const folder = (app: string) => join(home.path, 'draft-connect', 'builds', app);
  const write = async (app: string, ms: number, ...lines: readonly string[]) => {
    const log = await openBuildLog(app, id(ms), ['secret']);
    for (const line of lines) log.line(line);
    assert.equal(await log.close(), undefined);
  };

  test('holds its lines without secrets, for its owner alone', async () => {
    await write('web', 1, 'STEP 1', 'token=secret');
    const found = findBuildLog(id(1));
    assert.equal(readFileSync(found?.path ?? '', 'utf8'), 'STEP 1\ntoken=***\n');
    assert.equal(statSync(found?.path ?? '').mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(folder('web')), [`${id(1)}.log`]);
  });

  test('is found among those of all apps, the newest first', async () => {
    await write('a', 1);
    await write('b', 3);
    await write('a', 2);
    assert.deepEqual(
      listBuildLogs().map(({ app, path }) => [app, path]),
      [
        ['b', join(folder('b'), `${id(3)}.log`)],
        ['a', join(folder('a'), `${id(2)}.log`)],
        ['a', join(folder('a'), `${id(1)}.log`)],
      ],
    );
  });

  test('is running until it is closed', async () => {
    const log = await openBuildLog('web', id(1), []);
    assert.equal(await findBuildLog(id(1))?.isRunning(), true);
    await log.close();
    assert.equal(await findBuildLog(id(1))?.isRunning(), false);
  });

  test('is kept for the last 20 builds of an app', async () => {
    await write('other', 1);
    for (let ms = 1; ms <= 22; ms++) await write('web', ms);
    const kept = Array.from({ length: 20 }, (_, index) => `${id(22 - index)} of web`);
    assert.deepEqual(
      listBuildLogs().map((log) => `${log.id} of ${log.app}`),
      [...kept, `${id(1)} of other`],
    );
  });

  test('is begun without what builds that were killed have left, and beside one that goes on', async () => {
    await write('web', 1);
    const going = await openBuildLog('web', id(2), []);
    for (const ms of [1, 2, 3]) mkdirSync(join(folder(`.${id(ms)}`), 'context'), { recursive: true });
    await write('other', 4);
    await going.close();
    assert.deepEqual(readdirSync(folder('')), [`.${id(2)}`, 'other', 'web']);
  });

  test('has a mark for build arguments that only their values and this user decide', () => {
    const mark = markOf({ A: '1', B: '2' });
    assert.equal(markOf({ B: '2', A: '1' }), mark);
    assert.notEqual(markOf({ A: '1', B: '3' }), mark);
    home.restore();
    home = ownStateHome();
    assert.notEqual(markOf({ A: '1', B: '2' }), mark);
  });
});
