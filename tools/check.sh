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
# What most users build; then once more with OpenCV where it is installed, which compiles a handful of files anew.
if [ -f /usr/include/opencv4/opencv2/objdetect.hpp ]; then
    step "Build and tests of what OpenCV could change, without it"
    make --no-print-directory test CMAKE_FLAGS="-D AFFECTSR_OPENCV=OFF" CTEST_FLAGS="-R ^(detect|pipeline|program|cli)/"
fi
step "Build and tests"
make --no-print-directory test
if [ "${1:-}" = --tidy ]; then
    step "clang-tidy"
    cmake --preset tidy --log-level=WARNING
    cmake --build --preset tidy --parallel "$(tools/jobs.sh)"
fi
printf '\nAll checks passed.\n'
