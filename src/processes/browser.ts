// Opens a page in the user's browser, which is not ours to end.
import { endOf, launch } from './child.ts';
import { WITHOUT_MARKERS } from './watchdog.ts';

/** It knows the user's browser. */
const OPENER = process.platform === 'darwin' ? 'open' : 'xdg-open';

/** Resolves with why it could not be opened, or undefined; what opens it may take as long as the browser runs. */
export async function openInBrowser(url: string): Promise<string | undefined> {
  // Away from our terminal, which a browser for terminals would take.
  const subprocess = launch(OPENER, [url], { stdio: 'ignore', detached: true, env: WITHOUT_MARKERS });
  if (subprocess instanceof Error) return subprocess.message;
  subprocess.unref();
  const { exitCode, signal, startError } = await endOf(subprocess);
  if (startError !== undefined) {
    return startError.code === 'ENOENT' ? `${OPENER} is not installed` : startError.message;
  }
  return exitCode === 0 ? undefined : `${OPENER} ended with ${signal ?? `exit status ${exitCode}`}`;
}
