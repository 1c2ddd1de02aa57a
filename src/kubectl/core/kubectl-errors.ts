// What kind of failure kubectl's message stands for, and what a user can do about it.
import { UserError } from '../../values/errors.ts';
import { oneLine } from '../../values/quote.ts';

export type FailureKind =
  /** The API server or a kubelet does not answer now; it may later. */
  | 'unreachable'
  | 'forbidden'
  | 'unauthorized'
  | 'not-found'
  | 'waiting-to-start'
  /** The same call will fail for ever. */
  | 'invalid'
  | 'other';

/** First match wins: a message about rights may quote an address, one about an address never quotes rights. */
const FAILURES: readonly (readonly [FailureKind, ...RegExp[]])[] = [
  ['forbidden', /\(Forbidden\)| is forbidden: |^Forbidden\b/],
  [
    'unauthorized',
    /must be logged in|\(Unauthorized\)|asked for the client to provide credentials|getting credentials: /,
  ],
  ['waiting-to-start', /is waiting to start|Current status=Pending/],
  [
    'invalid',
    /doesn't have a resource type|is not valid for pod|context was not found|^Error in configuration|no context exists/,
    /context .* does not exist|unknown (?:flag|shorthand flag|command)|invalid argument|invalid configuration/,
    /\(BadRequest\)|\(Invalid\)|\(MethodNotAllowed\)|(?:local|remote) port must be|error loading config file/,
  ],
  [
    'unreachable',
    /was refused|Unable to connect to the server|connection (?:refused|reset)|broken pipe|\bEOF\b|GOAWAY/i,
    /i\/o timeout|timed out|TLS handshake|no such host|deadline exceeded|Client\.Timeout|request canceled/i,
    /\((?:ServiceUnavailable|Timeout|ServerTimeout|TooManyRequests|InternalError)\)|service unavailable/i,
    /unable to handle the request|unable to return a response|Too Many Requests|Bad Gateway|Gateway Time-?out/i,
    /network is (?:unreachable|down)|no route to host|host is down|etcdserver: |apiserver not ready/i,
    /error dialing backend|lost connection to pod|http2: |stream error|connection (?:was )?(?:lost|closed)|shutting down/i,
  ],
  [
    'not-found',
    /\(NotFound\)|pod does not exist|could not find the requested resource|not found in namespace|^\S+ "[^"]*" not found/,
  ],
];

export function classifyFailure(message: string): FailureKind {
  return FAILURES.find(([, ...signs]) => signs.some((sign) => sign.test(message)))?.[0] ?? 'other';
}

/** A failed query in kubectl's own words, with a hint where there is something to do. */
export function queryError(message: string): UserError {
  const said = oneLine(message)
    .replace(/^[Ee]rror: /, '')
    .replace(/^[Ee]rror from server(?: \((?:NotFound|Forbidden|BadRequest)\))?: /, '');
  return new UserError(said, { hint: hintFor(message) });
}

/** What it means that a context which was there does not exist any more; undefined for every other message. */
export function lostContext(message: string): string | undefined {
  const name = /context "([^"]*)" does not exist|specified context: (\S+)/.exec(message);
  if (name === null) return undefined;
  return `the kubeconfig is gone, or has no context '${name[1] ?? name[2]}' any more`;
}

const RIGHT =
  /cannot (\S+) resource "([^"]+)" in API group "([^"]*)"(?: in the namespace "([^"]+)"| at the cluster scope)?/;

function hintFor(message: string): string | undefined {
  if (/context was not found|context .* does not exist|no context exists/.test(message)) {
    return 'kubectl config get-contexts shows the contexts there are';
  }
  if (/doesn't have a resource type/.test(message)) return 'is this the right cluster? (--context)';
  switch (classifyFailure(message)) {
    case 'forbidden':
      return forbiddenHint(message);
    case 'unauthorized':
      if (/executable \S+ not found/.test(message)) return 'install that credential plugin, or put it on PATH';
      return 'log in to the cluster again, then see whether kubectl get pods works';
    case 'not-found':
      return 'look at the name, the namespace (-n) and the cluster (--context)';
    case 'unreachable':
      return unreachableHint(message);
    default:
      return undefined;
  }
}

function forbiddenHint(message: string): string {
  const [, verb, resource, group, namespace] = RIGHT.exec(message) ?? [];
  if (verb === undefined) return 'ask for the right to do this, or use another --context, --user or -n';
  const where = namespace === undefined ? '' : ` in namespace ${namespace}`;
  const rule = `apiGroups: ["${group}"], resources: ["${resource}"], verbs: ["${verb}"]`;
  return `the user needs a Role with the rule ${rule}${where}`;
}

function unreachableHint(message: string): string {
  if (/localhost:8080/.test(message)) return 'is there a kubeconfig? (--kubeconfig, $KUBECONFIG, ~/.kube/config)';
  if (/x509|certificate/.test(message))
    return 'the certificate is not the expected one: is this the right cluster? (--context)';
  return 'is the cluster running, the context the right one (--context), a VPN needed?';
}
