#!/usr/bin/env bash
# What must hold before every commit, the same as CI: format, build, tests, floors; --tidy adds clang-tidy (slow).
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s\n' "$1"; }

step "Format"
tools/check_format.sh
step "Floors"
cmake -P cmake/check_layers.cmake
step "Names"
cmake -P cmake/check_names.cmake
step "Build and tests"
make --no-print-directory test
if [ "${1:-}" = --tidy ]; then
    step "clang-tidy"
    cmake --preset tidy --log-level=WARNING
    cmake --build --preset tidy --parallel "$(tools/jobs.sh)"
fi
printf '\nAll checks passed.\n'
