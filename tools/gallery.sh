#!/usr/bin/env bash
# Makes the pictures of README and docs anew: tools/gallery.sh, after make build (and make test-web once for the browser).
set -euo pipefail
cd "$(dirname "$0")/.."
program=${ATTNSCOPE_BUILD_DIR:-build/release}/cli/attnscope
out=docs/_static/gallery
text="John Smith works for Google in New York."
longer="Angela Merkel visited the Zurich office of Google on Tuesday and spoke about the future of European banks, before flying back to Berlin."
other="Mary Jones works for Siemens in Berlin now."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out"

plot() { # NAME ARGUMENTS...
  local name=$1
  shift
  "$program" plot "$@" -o "$out/$name.svg"
}
plot words "$longer" --entity "Angela Merkel" --width 140mm
plot grid "$text" --view grid --width 174mm
plot matrix "$text" --layer 2 --head 8 --theme paper
plot links "$text" --view links --layer 4 --head 6,7
plot heads "$text" --view heads --top 16
plot layers "$text" --view layers --width 174mm
plot difference "$text" "$other" --view difference --width 174mm

"$program" export "$longer" "$text" -o "$work/view.html" >/dev/null
PATH="$(tools/node.sh):$PATH" node web/tools/take_pictures.mjs "$work/view.html" "$out"
