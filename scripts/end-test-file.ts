// Imported into each test file's process: ends it when its tests are over though one of them, failed, left a server
// open. node's own --test-force-exit loses what the process has reported last and was not yet read.
import { after } from 'node:test';

/** For what the file's own hooks close, and for its report. */
const GRACE_MS = 3_000;

// The runner imports it, too, and has no tests.
if (process.env['NODE_TEST_CONTEXT'] !== undefined) after(() => void setTimeout(end, GRACE_MS).unref());

function end(): void {
  process.stderr.write(`${process.argv[1]} left open: ${process.getActiveResourcesInfo().join(' ')}\n`);
  process.exit();
}
