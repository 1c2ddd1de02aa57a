// Why a read of a container's log ended, from kubectl's stderr and what the kubelet wrote in the log's place.
import { classifyFailure } from '../../kubectl/core/kubectl-errors.ts';
import { kubectlMessage } from '../../kubectl/core/kubectl-lines.ts';
import { quoted } from '../../values/quote.ts';

/**
 * `no-log`: the node does not have this log (any more). `container-gone`: the runtime removed the container; its log was
 * read completely. `passing`: the cluster or the container is not there now; the user can do nothing about it.
 * `lasting`: it will not go away by itself, so it is told.
 */
export interface LogFailure {
  readonly kind: 'no-log' | 'container-gone' | 'passing' | 'lasting';
  readonly message: string;
}

const NO_LOG =
  /unable to retrieve container logs for|failed to try resolving symlinks|failed to open log file|previous terminated container .* not found|no such file or directory/;
/** From the container's runtime: the kubelet looks for the container once it has read the file to its end. */
const CONTAINER_GONE = /try to find container .* not found/;
/** The kubelet's words where log lines should be; everything else without a timestamp is a part of a line. */
const KUBELET =
  /^(?:failed to (?:watch|open|stat|read|create|try|get|parse|find)|rpc error: |unable to |can't |error )/i;

export function logFailure(
  stderr: string,
  messages: readonly string[],
  exitCode: number | undefined,
): LogFailure | undefined {
  const word = messages.find((message) => KUBELET.test(message));
  const message = exitCode === 0 ? (word ?? '') : kubectlMessage(stderr) || (word ?? '');
  if (message === '') return undefined;
  if (CONTAINER_GONE.test(message)) return { kind: 'container-gone', message };
  if (NO_LOG.test(message)) return { kind: 'no-log', message };
  const kind = classifyFailure(message);
  const lasts = kind === 'forbidden' || kind === 'unauthorized' || kind === 'invalid' || kind === 'other';
  return { kind: lasts && word !== message ? 'lasting' : 'passing', message };
}

/** So many lines without a time, and none with one, are no remainder of an older line. */
const CERTAIN = 3;

/**
 * Why nothing of a log can be shown, for a read that brought no line with a time; undefined while that is not certain.
 * @param over no more lines will come
 */
export function whyUnreadable(messages: readonly string[], over: boolean): string | undefined {
  const odd = messages.filter((message) => !KUBELET.test(message));
  const [first] = odd;
  if (first === undefined || (!over && odd.length < CERTAIN)) return undefined;
  return `kubectl prints ${quoted(first.slice(0, 60))} where a line begins with its time; does a kuberc or a wrapper script add a flag?`;
}
