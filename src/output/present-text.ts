// Events as a person reads them: tunnels on stdout, everything else as one line on stderr.
import type { SessionEvent, Tell } from './core/events.ts';
import { connectLine, describe } from './core/messages.ts';
import { renderName } from './core/prefix.ts';

export function createTextPresenter(options: {
  writeOut: (line: string) => void;
  writeErr: (line: string) => void;
  color: boolean;
}): Tell {
  return (event: SessionEvent) => {
    if (event.kind === 'tunnel-opened') {
      const { tunnel } = event;
      options.writeOut(connectLine(tunnel, renderName(tunnel.container, options.color)));
      return;
    }
    const line = describe(event);
    if (line !== undefined) options.writeErr(line);
  };
}
