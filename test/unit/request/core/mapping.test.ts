import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMapping, parseMappings } from '../../../../src/request/core/mapping.ts';
import { EXIT, UserError } from '../../../../src/values/errors.ts';

const FORMS: readonly (readonly [text: string, local: number, remote: number | string])[] = [
  ['8081:8080', 8081, 8080],
  ['8080:8080', 8080, 8080],
  [':80', 0, 80],
  ['0:80', 0, 80],
  ['8080', 8080, 8080],
  ['9090:http', 9090, 'http'],
  [':http-2', 0, 'http-2'],
  ['http', 0, 'http'],
  [' 9090:80 ', 9090, 80],
  ['1:65535', 1, 65535],
  ['65535:1', 65535, 1],
  ['0080:080', 80, 80],
];

for (const [text, local, remote] of FORMS) {
  test(`'${text}' maps local port ${local} to ${remote}`, () => {
    assert.deepEqual(parseMapping(text), { local, remote, text: text.trim() });
  });
}

const NAMED: readonly (readonly [text: string, local: number, app: string, remote: number | string])[] = [
  ['8080:api:80', 8080, 'api', 80],
  [':api:http', 0, 'api', 'http'],
  ['0:svc/web:80', 0, 'svc/web', 80],
  ['8080:a.b-c:80', 8080, 'a.b-c', 80],
  ['8080:app=web:80', 8080, 'app=web', 80],
];
for (const [text, local, app, remote] of NAMED) {
  test(`'${text}' is for the app ${app}`, () => {
    assert.deepEqual(parseMapping(text), { local, app, remote, text });
  });
}

const FORM_ERROR = (text: string) =>
  `malformed port mapping '${text}': expected LOCAL:REMOTE, :REMOTE or REMOTE, where REMOTE is a port's number or name`;

const REFUSED: readonly (readonly [text: string, message: string])[] = [
  ['', FORM_ERROR('')],
  [':', FORM_ERROR(':')],
  ['8080:', FORM_ERROR('8080:')],
  ['http:80', FORM_ERROR('http:80')],
  ['80:80:80', FORM_ERROR('80:80:80')],
  ['127.0.0.1:80:80', FORM_ERROR('127.0.0.1:80:80')],
  ['http:api:80', FORM_ERROR('http:api:80')],
  ['80:-api:80', FORM_ERROR('80:-api:80')],
  ['80:api:', FORM_ERROR('80:api:')],
  ['80 :80', FORM_ERROR('80 :80')],
  ['+80:80', FORM_ERROR('+80:80')],
  ['80:-http', FORM_ERROR('80:-http')],
  ['80:ht tp', FORM_ERROR('80:ht tp')],
  ['0x50:80', FORM_ERROR('0x50:80')],
  ['8080.5:80', FORM_ERROR('8080.5:80')],
  ['80:\u001b[2J', FORM_ERROR('80:\\u001b[2J')],
  ['70000:80', "port 70000 in '70000:80' is outside 0-65535"],
  ['80:65536', "port 65536 in '80:65536' is outside 0-65535"],
  ['-1:80', "port -1 in '-1:80' is outside 0-65535"],
  ['80:99999999999999999999', "port 99999999999999999999 in '80:99999999999999999999' is outside 0-65535"],
  ['8080:0', "remote port 0 in '8080:0': only a local port can be 0"],
  ['0', "remote port 0 in '0': only a local port can be 0"],
  ['0:0', "remote port 0 in '0:0': only a local port can be 0"],
];

const EXAMPLES = 'for example 8080:80, :80, 8080:http or 8080; with several targets 8080:api:80';
const HINTS: readonly (readonly [text: string, hint: string])[] = [
  ['0.0.0.0:8080:80', 'the address is given by itself: --address 0.0.0.0 -p 8080:80'],
  ['[::1]:8080:http', 'the address is given by itself: --address ::1 -p 8080:http'],
  ['80:80:80:80', EXAMPLES],
  ['8080::80', EXAMPLES],
  ['80:8080:80', EXAMPLES],
];
for (const [text, hint] of HINTS) {
  test(`'${text}' is refused with a hint`, () => {
    assert.throws(() => parseMapping(text), { hint });
  });
}

for (const [text, message] of REFUSED) {
  test(`'${JSON.stringify(text)}' is refused`, () => {
    assert.throws(() => parseMapping(text), isUsageError(message));
  });
}

test('flags may be repeated and hold lists', () => {
  const mappings = parseMappings(['8080:8080,9090:80', ' 9191:81']);
  assert.deepEqual(
    mappings.map(({ local, remote }) => [local, remote]),
    [
      [8080, 8080],
      [9090, 80],
      [9191, 81],
    ],
  );
});

test('the same port of two apps is two ports', () => {
  assert.equal(parseMappings(['8080:api:80', '8081:web:80', '8082:80']).length, 3);
});

test('any number of mappings may leave the local port to chance', () => {
  assert.equal(parseMappings([':80', '0:81', ':http']).length, 3);
});

const CLASHES: readonly (readonly [texts: readonly string[], message: string])[] = [
  [['8080:80', '8080:81'], 'local port 8080 already mapped'],
  [['8080:80,8080:81'], 'local port 8080 already mapped'],
  [['8080:8081', '9090:8081'], 'remote port 8081 already mapped'],
  [[':8081', ':8081'], 'remote port 8081 already mapped'],
  [['8080:api:80', '8080:web:80'], 'local port 8080 already mapped'],
  [['8080:api:80', '8081:api:80'], 'remote port 80 already mapped'],
  [['1:http', '2:http'], 'remote port http already mapped'],
  [['8080', '8081:8080'], 'remote port 8080 already mapped'],
  [['80:80,'], FORM_ERROR('')],
];

for (const [texts, message] of CLASHES) {
  test(`${texts.join(' ')} is refused: ${message}`, () => {
    assert.throws(() => parseMappings(texts), isUsageError(message));
  });
}

function isUsageError(message: string) {
  return (error: unknown) => {
    assert.ok(error instanceof UserError);
    assert.equal(error.message, message);
    assert.equal(error.exitCode, EXIT.usage);
    return true;
  };
}
