// What the keys of a session do.
import type { OpenTunnel } from '../output/core/events.ts';
import { urlsOf } from '../output/core/links.ts';
import { openInBrowser } from '../processes/browser.ts';
import { type Keyboard, readKeyboard } from '../processes/keyboard.ts';
import type { Settings } from '../request/core/settings.ts';
import { KEY_LINES, keyOf } from '../session/core/keys.ts';
import type { Session } from '../session/started-session.ts';
import type { Reports } from './reports.ts';

/** Undefined where there are none. */
export function listenForKeys(
  session: Session,
  reports: Reports & { readonly settings: Settings },
  end: () => void,
): Keyboard | undefined {
  const { screen, settings } = reports;
  const tunnels = () => session.apps.flatMap((app) => app.tunnels);
  const keyboard: Keyboard | undefined = readKeyboard((line) => {
    switch (keyOf(line)) {
      case 'help':
        for (const each of KEY_LINES) screen.say(each);
        break;
      case 'urls':
        for (const tunnel of tunnels()) screen.showTunnel(tunnel, settings.apps.length > 1 ? tunnel.app : undefined);
        break;
      case 'open':
        void open(tunnels(), reports);
        break;
      case 'clear':
        screen.clear();
        break;
      case 'end':
        void keyboard?.stop();
        end();
    }
  });
  if (keyboard !== undefined && tunnels().length > 0 && !settings.quiet) screen.say('h and Enter lists the keys');
  return keyboard;
}

async function open(tunnels: readonly OpenTunnel[], { screen, tell }: Reports): Promise<void> {
  const [url] = tunnels.flatMap(urlsOf);
  if (url === undefined) return screen.say('no port is likely to speak HTTP, by its name or number');
  const problem = await openInBrowser(url);
  if (problem !== undefined) tell({ kind: 'warning', message: `cannot open ${url} in a browser: ${problem}` });
}
