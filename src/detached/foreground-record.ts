// The record of a session in the foreground. Nothing waits for it, and the session goes on where it cannot be written.
import { type AppRecord, appsAfter } from './core/record.ts';
import { asRecord, type KeptRecord, keepRecord, type RecordKeeper } from './kept-record.ts';
import { freeId } from './record-files.ts';

/** By then the first requests are answered, and the first logs are read. */
const AFTER_MS = 200;

export function createForegroundRecord(): RecordKeeper {
  let apps: readonly AppRecord[] = [];
  let record: KeptRecord | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;

  const begin = async () => {
    try {
      const kept = await keepRecord({ id: freeId(), mode: 'foreground', apps });
      if (isOver) kept.remove();
      else record = kept;
      update();
    } catch {
      // It is not listed.
    }
  };
  const update = () => {
    try {
      record?.update(apps);
    } catch {
      // What is listed is out of date.
    }
  };
  return {
    async opened(opened) {
      apps = opened.map(asRecord);
      timer = setTimeout(begin, AFTER_MS);
    },
    tell(event) {
      apps = appsAfter(apps, event);
      update();
    },
    failed() {},
    ended() {
      isOver = true;
      clearTimeout(timer);
      record?.remove();
      record = undefined;
    },
  };
}
