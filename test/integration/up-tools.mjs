// A stand-in for docker, podman, nerdctl, buildah and helm, by the name it is called by. `$UP_TOOLS` is a folder: each
// call is appended to its file `calls` as JSON, and the first rule of its file `rules.json` that matches is obeyed:
// `match` (a part of the arguments, after the program's name), `stdout`, `stderr`, `exitCode`, `hang`.
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const program = basename(process.argv[1]).replace(/\.mjs$/, '');
const args = process.argv.slice(2);
const folder = process.env.UP_TOOLS;
const values = join(folder, 'values.json');
const line = [program, ...args].join(' ');

const flagValue = (flag) => args.find((arg) => arg.startsWith(`--${flag}=`))?.slice(flag.length + 3);

/** The ID of an image is its content's, as builders have it. */
function contentOf(context) {
  const hash = createHash('sha256');
  const files = readdirSync(context, { recursive: true }).sort();
  for (const file of files) {
    const path = join(context, file);
    if (statSync(path).isFile() && !/\.log$/.test(file)) hash.update(file).update(readFileSync(path));
  }
  return hash.digest('hex');
}

function release() {
  const set = flagValue('set-string')
    .split(',')
    .map((each) => each.split('='));
  const given = Object.fromEntries(set);
  const image = { repository: given['image.repository'], tag: given['image.tag'] };
  writeFileSync(values, JSON.stringify({ image, buildID: given.buildID }));
  console.log(`Release "${args.at(-2)}" has been upgraded. Happy Helming!`);
}

function answer() {
  const [verb] = args;
  if (program !== 'helm') {
    if (verb === 'build') {
      console.log('STEP 1/1: FROM scratch');
      writeFileSync(flagValue('iidfile'), `sha256:${contentOf(args.at(-1))}`);
    }
    return;
  }
  if (verb === 'upgrade') release();
  else if (verb === 'get' && existsSync(values)) console.log(readFileSync(values, 'utf8'));
  else if (verb === 'get') {
    console.error('Error: release: not found');
    process.exitCode = 1;
  }
}

const rules = existsSync(join(folder, 'rules.json'))
  ? JSON.parse(readFileSync(join(folder, 'rules.json'), 'utf8'))
  : [];
const rule = rules.find(({ match }) => line.includes(match));
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => /^(?:WHO|DRAFT_BUILD_ID|BUILDX_\w+|HELM_\w+)$/.test(name)),
);
appendFileSync(join(folder, 'calls'), `${JSON.stringify({ program, args, env, pid: process.pid })}\n`);
if (rule?.stdout) process.stdout.write(rule.stdout);
if (rule?.stderr) process.stderr.write(rule.stderr);
if (rule?.hang) setInterval(() => {}, 1000);
else if (rule?.exitCode) process.exitCode = rule.exitCode;
else answer();
