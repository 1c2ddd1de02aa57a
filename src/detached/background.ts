// The background half of `--detach`: says where its tunnels are to the half that waits, then keeps its record true.
import { closeSync, openSync, writeSync } from 'node:fs';
import { devNull } from 'node:os';
import { tunnelAsJson } from '../output/core/events.ts';
import { keepLog } from '../output/log-file.ts';
import { print } from '../output/print.ts';
import type { RunSettings } from '../request/core/settings.ts';
import { renderError, UserError } from '../values/errors.ts';
import { callingShell } from './calling-shell.ts';
import { type AppRecord, appsAfter } from './core/record.ts';
import { renderExports, variablesOf } from './core/variables.ts';
import { asRecord, type KeptRecord, keepRecord, type OpenedApp, type RecordKeeper } from './kept-record.ts';
import { isReserved, reserveSession } from './record-files.ts';

/** Carries the ID that the waiting half has reserved. */
export const ID_VARIABLE = 'DRAFT_CONNECT_ID';
/** Ends what may be printed: without it the session failed in the middle. */
export const COMPLETE = '\0';
/** What `ps -a` shows; at most 15 bytes. */
const TITLE = 'draft-connect';

export function createDetachedRecord(settings: RunSettings): RecordKeeper {
  process.title = TITLE;
  const given = process.env[ID_VARIABLE];
  const waited = given !== undefined && isReserved(given) ? given : undefined;
  delete process.env[ID_VARIABLE];
  if (waited !== undefined) keepLog();
  let apps: readonly AppRecord[] = [];
  let record: KeptRecord | undefined;

  return {
    /** Writes the record, prints the variables (or JSON) and lets go of stdout. */
    async opened(opened) {
      const text = await renderOpened(opened, settings);
      const id = waited ?? reserve();
      apps = opened.map(asRecord);
      record = await keepRecord({ id, mode: 'detached', apps });
      try {
        handOver(waited === undefined ? text(id) : `${text(id)}${COMPLETE}`);
      } catch (error) {
        record.remove();
        throw error;
      }
    },
    tell(event) {
      apps = appsAfter(apps, event);
      try {
        record?.update(apps);
      } catch (error) {
        // The session goes on without it.
        print(2, `${error instanceof Error ? error.message : String(error)}\n`);
      }
    },
    failed(error) {
      // The log, where it goes as well, may be on a full disk. Once the session is connected, our stdout goes nowhere.
      if (waited !== undefined) print(1, renderError(error));
    },
    ended(code) {
      // A session that failed leaves its record, so that `list` can name its log.
      if (code === 0) record?.remove();
      record = undefined;
    },
  };
}

async function renderOpened(opened: readonly OpenedApp[], settings: RunSettings): Promise<(id: string) => string> {
  if (settings.output === 'json') {
    const tunnels = opened.flatMap((one) => one.tunnels.map(tunnelAsJson));
    return (id) => `${JSON.stringify({ pid: process.pid, id, tunnels })}\n`;
  }
  const variables = renderExports(variablesOf(opened), settings.shell ?? (await callingShell()));
  return () => variables;
}

function reserve(): string {
  const { id, fd } = reserveSession();
  closeSync(fd);
  return id;
}

/** The reader of our stdout has to see its end, and nothing we open later may get its number. stdin is the user's again. */
function handOver(text: string): void {
  let bytes = Buffer.from(text);
  try {
    while (bytes.length > 0) bytes = bytes.subarray(writeSync(1, bytes));
    for (const fd of [0, 1]) {
      closeSync(fd);
      openSync(devNull, 'r+');
    }
  } catch (error) {
    throw new UserError(`nobody reads the variables: ${(error as NodeJS.ErrnoException).code}`);
  }
}
