// Events as programs read them: one JSON object per line on stdout, `type` first. The README documents each.
import type { SessionEvent, Tell } from './core/events.ts';
import { tunnelAsJson } from './core/events.ts';
import { describe } from './core/messages.ts';

export function createJsonPresenter(writeOut: (line: string) => void): Tell {
  return ({ app, ...event }) => writeOut(JSON.stringify({ ...asObject(event), ...(app && { app }) }));
}

function asObject(event: SessionEvent): Record<string, unknown> {
  switch (event.kind) {
    case 'tunnel-opened':
      return { type: 'tunnel', ...tunnelAsJson(event.tunnel) };
    case 'pod-selected': {
      const { pod, others, namespace, context } = event;
      return { type: 'pod', change: 'selected', pod, others, namespace, context };
    }
    case 'pod-replaced':
      return { type: 'pod', change: 'replaced', pod: event.to, from: event.from };
    case 'pod-lost':
      return { type: 'pod', change: 'lost', pod: event.pod, reason: event.reason };
    case 'pod-restored':
      return { type: 'pod', change: 'restored', pod: event.pod };
    case 'pod-awaited':
      return { type: 'pod', change: 'awaited', reason: event.reason };
    case 'app-ended':
      return { type: 'warning', about: 'app-ended', message: event.message, failed: event.failed };
    case 'note':
    case 'warning':
      return { type: 'warning', about: event.kind, message: event.message };
    default: {
      const { kind, ...details } = event;
      return { type: 'warning', about: kind, message: describe(event), ...details };
    }
  }
}
