import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TunnelEvent } from '../../../../src/output/core/events.ts';
import { type SessionSituation, tunnelNews } from '../../../../src/session/core/tunnel-news.ts';

const refused: TunnelEvent = { kind: 'failed', reason: 'connection refused', atStart: false };
const ended: TunnelEvent = { kind: 'failed', reason: 'error: it does not work', atStart: true };
const CASES: readonly (readonly [title: string, event: TunnelEvent, now: Partial<SessionSituation>, news: string])[] = [
  ['a failure is told', refused, {}, 'event forward-failed'],
  ['a failure is told once all have worked, also of kubectl itself', ended, {}, 'event forward-failed'],
  [
    'a kubectl that does not come up at the start ends the session',
    ended,
    { isOpen: false },
    'broken it does not work',
  ],
  ['a refusal at the start does not', refused, { isOpen: false }, 'event forward-failed'],
  ['a failure is not told while the API server is away', refused, { apiLost: true }, 'untold'],
  ['a failure is not told while there is no pod', refused, { podLost: true }, 'untold'],
  ['its end is told', { kind: 'restored' }, {}, 'event forward-restored'],
  ['a connection that waited in vain is told', { kind: 'expired' }, {}, 'event connection-expired'],
  [
    'a connection that waited for a pod in vain is told, too',
    { kind: 'expired' },
    { podLost: true },
    'event connection-expired',
  ],
  ['too many connections are told', { kind: 'crowded', most: 3 }, {}, 'event crowded'],
];
for (const [title, event, now, expected] of CASES) {
  test(title, () => {
    const situation = { pod: 'web-1', isOpen: true, apiLost: false, podLost: false, holdMs: 1, ...now };
    const news = tunnelNews(event, { container: 'go', remotePort: 80 }, situation);
    const shown =
      news.kind === 'event' ? ` ${news.event.kind}` : news.kind === 'broken' ? ` ${news.error.message}` : '';
    assert.equal(`${news.kind}${shown}`, expected);
  });
}
