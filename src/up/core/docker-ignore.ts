// Which files a .dockerignore keeps from the builder, as moby/patternmatcher reads it.

export interface IgnoreRules {
  /** @param path relative to the context, with `/` between its parts */
  ignores(path: string): boolean;
  /** Whether something below an ignored folder is taken all the same. */
  takesBelow(folder: string): boolean;
}

interface Pattern {
  readonly taken: boolean;
  readonly text: string;
  readonly matches: RegExp;
}

export function parseDockerIgnore(text: string): IgnoreRules {
  const patterns = text
    .replace(/^\ufeff/, '')
    .split('\n')
    .flatMap(parseLine);
  return {
    ignores(path) {
      const paths = path.split('/').map((_, index, parts) => parts.slice(0, index + 1).join('/'));
      const last = patterns.findLast(({ matches }) => paths.some((each) => matches.test(each)));
      return last !== undefined && !last.taken;
    },
    takesBelow: (folder) => patterns.some(({ taken, text }) => taken && leadsBelow(text, folder)),
  };
}

/** podman and buildah look into an ignored folder only for an exception that begins with it; BuildKit also for wildcards. */
function leadsBelow(text: string, folder: string): boolean {
  const fixed = /^[^*?[\\]*/.exec(text)?.[0] ?? '';
  return `${text}/`.startsWith(`${folder}/`) || (fixed !== text && `${folder}/`.startsWith(fixed));
}

function parseLine(line: string): readonly Pattern[] {
  if (line.startsWith('#')) return [];
  const trimmed = line.trim();
  const taken = trimmed.startsWith('!');
  const text = (taken ? trimmed.slice(1).trim() : trimmed)
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
  const source = regexSource(text);
  return text === '' || source === undefined ? [] : [{ taken, text, matches: new RegExp(`^${source}$`, 'su') }];
}

const TOKENS = /\*\*\/|\*\*|\*|\?|\[(?:\\.|[^\]\\])+\]|\\.|[^\\[]/gsu;

/** Undefined for what is no pattern: the builder refuses it. */
function regexSource(text: string): string | undefined {
  const tokens = text.match(TOKENS) ?? [];
  if (tokens.join('') !== text) return undefined;
  const source = tokens.map(tokenSource).join('');
  try {
    new RegExp(source, 'u');
    return source;
  } catch {
    return undefined;
  }
}

function tokenSource(token: string): string {
  switch (token) {
    case '**/':
      return '(?:.*/)?';
    case '**':
      return '.*';
    case '*':
      return '[^/]*';
    case '?':
      return '[^/]';
  }
  if (token.startsWith('[')) return token;
  return literal(token.startsWith('\\') ? token.slice(1) : token);
}

function literal(char: string): string {
  return /[$()*+.?[\\\]^{|}/]/.test(char) ? `\\${char}` : char;
}
