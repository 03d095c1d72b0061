#!/usr/bin/env bash
# Prints the folder of a node that Vite takes (20.19 or newer): the system's, or, where Debian's is older, one
# that npm installs under build/node. Installs Debian's where there is none: other packages of node bring their own npm
# and do not stand Debian's beside them.
set -euo pipefail
cd "$(dirname "$0")/.."

new_enough() { "$1" -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'; }

command -v npm >/dev/null || tools/packages.sh tools/packages-node.txt >&2
system=$(command -v node)
if new_enough "$system"; then
  dirname "$system"
  exit 0
fi
local=build/node/node_modules/node/bin
if ! [ -x "$local/node" ] || ! new_enough "$local/node"; then
  npm install --silent --no-audit --no-fund --prefix build/node node@22 >&2
fi
realpath "$local"
