// Events as a person reads them: tunnels on stdout, everything else as one line on stderr.
import type { SessionEvent, Tell } from './core/events.ts';
import { connectLine, containerLabel, statusLine } from './core/messages.ts';
import { renderName } from './core/prefix.ts';

export function createTextPresenter(options: {
  writeOut: (line: string) => void;
  writeErr: (line: string) => void;
  color: boolean;
}): Tell {
  return (event: SessionEvent) => {
    if (event.kind === 'tunnel-opened') {
      const { tunnel, app } = event;
      const label = containerLabel(tunnel.container, app);
      options.writeOut(connectLine(tunnel, renderName(label, options.color)));
      return;
    }
    const line = statusLine(event);
    if (line !== undefined) options.writeErr(line);
  };
}
