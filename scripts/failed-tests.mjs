// A reporter for node:test: one line for each test that failed, with what went wrong, short enough to be read at the end
// of a long run's output.
const MAX_LENGTH = 600;

// biome-ignore lint/style/noDefaultExport: node:test takes a reporter so
export default async function* failedTests(source) {
  for await (const { type, data } of source) {
    // A suite fails with its tests and has nothing of its own to say.
    if (type !== 'test:fail' || data.details.error?.failureType === 'subtestsFailed') continue;
    const error = data.details.error?.cause ?? data.details.error;
    const message = error instanceof Error ? error.message : String(error);
    const line = `${data.name}: ${message}`.replace(/\p{Cc}+\s*/gu, ' ');
    yield `${line.slice(0, MAX_LENGTH)}\n`;
  }
}
