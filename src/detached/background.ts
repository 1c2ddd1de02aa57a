// The background half of `--detach`: says where its tunnels are to the half that waits, then keeps its record true.
import { closeSync, openSync, writeSync } from 'node:fs';
import { devNull } from 'node:os';
import type { Place } from '../kubectl/core/place.ts';
import type { OpenTunnel, SessionEvent } from '../output/core/events.ts';
import { tunnelAsJson } from '../output/core/tunnel-json.ts';
import { keepLog } from '../output/log-file.ts';
import { print } from '../output/print.ts';
import type { Settings } from '../request/core/settings.ts';
import { renderError, UserError } from '../values/errors.ts';
import { recordAfter, type SessionRecord } from './core/record.ts';
import { renderExports, variablesOf } from './core/variables.ts';
import { ownIdentity } from './process-identity.ts';
import { isReserved, removeRecord, reserveSession, writeRecord } from './record-files.ts';

/** Carries the ID that the waiting half has reserved. */
export const ID_VARIABLE = 'DRAFT_CONNECT_ID';
/** Ends what may be printed: without it the session failed in the middle. */
export const COMPLETE = '\0';
/** What `ps -a` shows; at most 15 bytes. */
const TITLE = 'draft-connect';

export interface OpenedApp {
  readonly app: string;
  readonly tunnels: readonly OpenTunnel[];
  readonly pod: string;
  readonly place: Place;
}

export interface DetachedRecord {
  /** All tunnels work: writes the record, prints the variables (or JSON) and lets go of stdout. @throws {UserError} */
  opened(apps: readonly OpenedApp[]): Promise<void>;
  /** Takes every event from the start. */
  tell(event: SessionEvent): void;
  /** Takes the error it ends with: the log, where that goes as well, may be on a full disk. */
  failed(error: UserError): void;
  /** It has ended as asked. */
  remove(): void;
}

export function createDetachedRecord(settings: Settings): DetachedRecord {
  process.title = TITLE;
  const given = process.env[ID_VARIABLE];
  const waited = given !== undefined && isReserved(given) ? given : undefined;
  delete process.env[ID_VARIABLE];
  if (waited !== undefined) keepLog();
  let record: SessionRecord | undefined;
  let removed = false;

  const update = (next: SessionRecord) => {
    if (next === record || removed) return;
    record = next;
    try {
      writeRecord(next);
    } catch (error) {
      // The session goes on without it.
      print(2, `${error instanceof Error ? error.message : String(error)}\n`);
    }
  };
  return {
    async opened(apps) {
      const variables = variablesOf(apps);
      const tunnels = apps.flatMap((app) => app.tunnels);
      const place = apps[0]?.place;
      const id = waited ?? reserve();
      record = {
        id,
        app: apps.map(({ app }) => app).join(', '),
        pod: apps.map(({ pod }) => pod).join(', '),
        namespace: place?.namespace,
        context: place?.context,
        tunnels,
        state: 'Connected',
        createdMs: Date.now(),
        process: await ownIdentity(),
      };
      writeRecord(record);
      const text =
        settings.output === 'json'
          ? `${JSON.stringify({ pid: process.pid, id, tunnels: tunnels.map(tunnelAsJson) })}\n`
          : renderExports(variables, settings.shell);
      try {
        handOver(waited === undefined ? text : `${text}${COMPLETE}`);
      } catch (error) {
        removeRecord(id);
        throw error;
      }
    },
    tell(event) {
      if (record !== undefined && event.app === undefined) update(recordAfter(record, event));
    },
    failed(error) {
      // Once the session is connected, our stdout goes nowhere.
      if (waited !== undefined) print(1, renderError(error));
    },
    remove() {
      removed = true;
      if (record !== undefined) removeRecord(record.id);
    },
  };
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
