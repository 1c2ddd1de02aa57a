import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { Logs } from '../../../src/logs/logs.ts';
import type { AppSettings } from '../../../src/request/core/settings.ts';
import { makePod } from '../pod-maker.ts';

test('news of other pods costs nothing for one that is gone', async () => {
  const settings = { containers: [], excludeContainers: [], kubectl: { program: 'none', flags: [] } };
  const lines = { settle: () => {} };
  const logs = new Logs(settings as unknown as AppSettings, {
    initial: [],
    makeSink: () => ({ lines, drain: () => Promise.resolve() }) as never,
    tell: () => {},
    signal: new AbortController().signal,
  });
  logs.follow(makePod());
  logs.update([]);
  const then = mock.method(Promise.prototype, 'then');
  logs.update([]);
  const registered = then.mock.callCount();
  then.mock.restore();
  assert.equal(registered, 0);
  await logs.stop();
});
