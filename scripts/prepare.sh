# shellcheck shell=bash
# Sourced by demo and test: goes to the project's folder, installs what the lockfile says and finds a kubectl.
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' || {
  echo "Error: Node 20.19 or newer is needed, not $(node --version 2>/dev/null || echo none)" >&2
  exit 1
}
# What npm wrote last is newer than the lockfile: nothing to install.
if [[ ! -e node_modules/.package-lock.json || package-lock.json -nt node_modules/.package-lock.json ]]; then
  echo "Installing the packages of package-lock.json" >&2
  npm ci --include=dev --no-audit --no-fund --loglevel=error >&2 || exit 1
fi
folder=$(node scripts/get-kubectl.mjs) || exit 1
case ":$PATH:" in
  *":$folder:"*) ;;
  *) export PATH="$folder:$PATH" ;;
esac
