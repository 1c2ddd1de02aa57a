import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  classifyFailure,
  type FailureKind,
  lostContext,
  queryError,
} from '../../../../src/kubectl/core/kubectl-errors.ts';
import { EXIT } from '../../../../src/values/errors.ts';

const IN_DEFAULT = 'User "nobody" cannot list resource "pods" in API group "" in the namespace "default"';

const KINDS: readonly (readonly [kind: FailureKind, messages: readonly string[]])[] = [
  [
    'unreachable',
    [
      'The connection to the server 127.0.0.1:6443 was refused - did you specify the right host or port?',
      'Unable to connect to the server: dial tcp: lookup nope.invalid on 10.0.0.53:53: no such host',
      'Unable to connect to the server: dial tcp 10.0.0.1:443: i/o timeout',
      'Unable to connect to the server: net/http: TLS handshake timeout',
      'Unable to connect to the server: EOF',
      'Unable to connect to the server: tls: failed to verify certificate: x509: certificate signed by unknown authority',
      'Unable to connect to the server: context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
      'unexpected EOF',
      'Error from server: error dialing backend: remote error: tls: internal error',
      'lost connection to pod',
      'http2: server sent GOAWAY and closed the connection; LastStreamID=3, ErrCode=NO_ERROR, debug=""',
      'error upgrading connection: error dialing backend: dial tcp 127.0.0.1:10250: connect: connection refused',
      'Error from server: Get "https://127.0.0.1:10250/containerLogs/default/m4/go?follow=true": dial tcp 127.0.0.1:10250: connect: connection refused',
      'Error from server (ServiceUnavailable): the server is currently unable to handle the request',
      'Error from server (Timeout): the server was unable to return a response in the time allotted, but may still be processing the request',
      'Error from server (TooManyRequests): the server has received too many requests and has asked us to try again later',
      'Error from server (InternalError): an error on the server ("") has prevented the request from succeeding',
      'read tcp 127.0.0.1:1->127.0.0.1:2: read: connection reset by peer',
      'Error from server: etcdserver: request timed out',
    ],
  ],
  [
    'forbidden',
    [
      `Error from server (Forbidden): pods is forbidden: ${IN_DEFAULT}`,
      'error upgrading connection: pods "a" is forbidden: User "nobody" cannot create resource "pods/portforward" in API group "" in the namespace "default"',
    ],
  ],
  [
    'unauthorized',
    [
      'You must be logged in to the server (Unauthorized)',
      'You must be logged in to the server (the server has asked for the client to provide credentials)',
      'Unable to connect to the server: getting credentials: exec: executable no-such-plugin not found',
    ],
  ],
  [
    'not-found',
    [
      'Error from server (NotFound): pods "nope" not found',
      'error from server (NotFound): pods "nope" not found in namespace "default"',
      'Error from server (NotFound): the server could not find the requested resource ( pods/log a)',
      'error upgrading connection: unable to upgrade connection: pod does not exist',
      'deployments.apps "web" not found',
    ],
  ],
  [
    'waiting-to-start',
    [
      'Error from server (BadRequest): container "go" in pod "l4" is waiting to start: ErrImageNeverPull',
      'Error from server (BadRequest): container "go" in pod "l4" is waiting to start: ContainerCreating',
      'unable to forward port because pod is not running. Current status=Pending',
    ],
  ],
  [
    'invalid',
    [
      'container nope is not valid for pod l3',
      'the server doesn\'t have a resource type "nopes"',
      'Error in configuration: context was not found for specified context: nope',
      'error loading config file "/tmp/config": yaml: line 1: did not find expected node content',
      'unknown flag: --nope',
      'remote port must be > 0',
      'Error from server (BadRequest): Unable to find "/v1, Resource=pods" that match label selector "a b", field selector "": unable to parse requirement',
      'Error from server (BadRequest): previous terminated container "go" in pod "a" not found',
    ],
  ],
  ['other', ['', 'unable to forward port because pod is not running. Current status=Failed', 'something new']],
];

for (const [kind, messages] of KINDS) {
  for (const message of messages) {
    test(`${kind}: ${message}`, () => {
      assert.equal(classifyFailure(message), kind);
    });
  }
}

const REACHABLE = 'is the cluster running, the context the right one (--context), a VPN needed?';
const ERRORS: readonly (readonly [message: string, error: string, hint: RegExp | undefined])[] = [
  [
    'Error from server (NotFound): pods "nope" not found',
    'pods "nope" not found',
    /^look at the name, the namespace \(-n\)/,
  ],
  [
    'error from server (NotFound): pods "nope" not found in namespace "default"',
    'pods "nope" not found in namespace "default"',
    /^look at the name/,
  ],
  [
    `Error from server (Forbidden): pods is forbidden: ${IN_DEFAULT}`,
    `pods is forbidden: ${IN_DEFAULT}`,
    /^the user needs a Role with the rule apiGroups: \[""\], resources: \["pods"\], verbs: \["list"\] in namespace default$/,
  ],
  [
    'Error from server (Forbidden): namespaces "a" is forbidden: User "b" cannot get resource "namespaces" in API group "" at the cluster scope',
    'namespaces "a" is forbidden: User "b" cannot get resource "namespaces" in API group "" at the cluster scope',
    /^the user needs a Role with the rule apiGroups: \[""\], resources: \["namespaces"\], verbs: \["get"\]$/,
  ],
  ['Forbidden', 'Forbidden', /^ask for the right/],
  [
    'You must be logged in to the server (Unauthorized)',
    'You must be logged in to the server (Unauthorized)',
    /^log in to the cluster again/,
  ],
  [
    'Unable to connect to the server: getting credentials: exec: executable x not found',
    'Unable to connect to the server: getting credentials: exec: executable x not found',
    /^install that credential plugin/,
  ],
  [
    'The connection to the server localhost:8080 was refused - did you specify the right host or port?',
    'The connection to the server localhost:8080 was refused - did you specify the right host or port?',
    /^is there a kubeconfig\?/,
  ],
  [
    'Unable to connect to the server: x509: certificate signed by unknown authority',
    'Unable to connect to the server: x509: certificate signed by unknown authority',
    /^the certificate is not the expected one/,
  ],
  [
    'Error in configuration: context was not found for specified context: nope',
    'Error in configuration: context was not found for specified context: nope',
    /^kubectl config get-contexts/,
  ],
  [
    'the server doesn\'t have a resource type "nopes"',
    'the server doesn\'t have a resource type "nopes"',
    /^is this the right cluster\?/,
  ],
  ['Error from server (BadRequest): bad', 'bad', undefined],
  ['error: something\nnew\u001b[2J', 'something new [2J', undefined],
];

for (const [message, error, hint] of ERRORS) {
  test(`the error for: ${message}`, () => {
    const made = queryError(message);
    assert.equal(made.message, error);
    assert.equal(made.exitCode, EXIT.failed);
    if (hint === undefined) assert.equal(made.hint, undefined);
    else assert.match(made.hint ?? '', hint);
  });
}

test('an unreachable cluster has a hint', () => {
  assert.equal(queryError('Unable to connect to the server: EOF').hint, REACHABLE);
});

const CONTEXTS: readonly (readonly [message: string, context: string | undefined])[] = [
  ['context "here" does not exist', 'here'],
  ['Error in configuration: context was not found for specified context: here', 'here'],
  ['The connection to the server 127.0.0.1:1 was refused', undefined],
];
for (const [message, context] of CONTEXTS) {
  test(`whether a context is gone: ${message}`, () => {
    const said = context && `the kubeconfig is gone, or has no context '${context}' any more`;
    assert.equal(lostContext(message), said);
  });
}
