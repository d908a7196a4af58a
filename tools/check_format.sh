#!/usr/bin/env bash
# Every C++ file as clang-format 14 would write it (.clang-format); --fix rewrites them instead of complaining.
set -euo pipefail
cd "$(dirname "$0")/.."
mode=(--dry-run -Werror)
[ "${1:-}" = --fix ] && mode=(-i)

formatter=$(command -v clang-format-14 || command -v clang-format || true)
[ -n "$formatter" ] || { echo "check_format.sh: clang-format is missing; run tools/install_deps.sh --check" >&2; exit 1; }
major=$("$formatter" --version | sed -E 's/.*version ([0-9]+).*/\1/')
[ "$major" = 14 ] || { echo "check_format.sh: clang-format 14 is needed, found $major (other versions format differently)" >&2; exit 1; }

mapfile -t files < <(git ls-files --cached --others --exclude-standard '*.h' '*.cpp')
[ ${#files[@]} -gt 0 ] || { echo "check_format.sh: no C++ files found" >&2; exit 1; }
if ! complaints=$("$formatter" "${mode[@]}" "${files[@]}" 2>&1); then
    grep -E '^[^ ]+:[0-9]+:[0-9]+: error' <<<"$complaints" | sort -t: -u -k1,1 || echo "$complaints"
    echo "check_format.sh: these files are not formatted (first place in each); cure: tools/check_format.sh --fix" >&2
    exit 1
fi
echo "Formatted: ${#files[@]} files"
