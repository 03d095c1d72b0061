#!/usr/bin/env bash
# What a contributor runs before a commit, and CI on every change: format, include directions.
# `tools/check.sh --tidy` also runs clang-tidy (minutes) on the compile commands of build/release.
set -euo pipefail
cd "$(dirname "$0")/.."

mapfile -t files < <(git ls-files '*.cpp' '*.h')
clang-format --dry-run --Werror "${files[@]}"
echo "format: ${#files[@]} files"
python3 tools/check_includes.py
if [ -x .venv/bin/ruff ]; then
  .venv/bin/ruff check python
else
  echo "python lint: skipped, .venv/bin/ruff is not installed (make build/.python-packages)"
fi

if [ "${1:-}" = "--tidy" ]; then
  cmake --preset release -DCMAKE_EXPORT_COMPILE_COMMANDS=ON >/dev/null
  git ls-files 'src/*.cpp' 'cli/*.cpp' | xargs -P 2 -n 4 clang-tidy -p build/release --quiet
fi
