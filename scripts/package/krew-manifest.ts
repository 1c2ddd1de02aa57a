// Krew's manifest: the committed plugin.yaml with the places and checksums of the archives that were made.

/** The committed manifest has one entry for each system; those without an archive are left out. */
export function fillManifest(template: string, uris: ReadonlyMap<string, string>, sums: ReadonlyMap<string, string>) {
  const [head = '', ...entries] = template.replace(/^#.*\n/gm, '').split(/^(?= {4}- selector:)/m);
  const filled = entries.flatMap((entry) => {
    const platform = /\{\{ uri (\S+) \}\}/.exec(entry)?.[1] ?? '';
    const uri = uris.get(platform);
    const sum = sums.get(platform);
    if (uri === undefined || sum === undefined) return [];
    return [entry.replace(`{{ uri ${platform} }}`, uri).replace(`{{ sha256 ${platform} }}`, sum)];
  });
  return [head, ...filled].join('');
}
