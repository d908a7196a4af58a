#!/bin/sh
# Installs what the build needs from Debian's packages; what is there already is left alone.
#   tools/install_deps.sh            to build and run affectsr
#   tools/install_deps.sh --opencv   OpenCV's detectors (haar, yunet_opencv) too; build them with -D AFFECTSR_OPENCV=ON
#   tools/install_deps.sh --train    affectsr-train too: LibTorch, Gloo's headers and OpenBLAS
#   tools/install_deps.sh --test     what `make test` needs: --train, GoogleTest and Google Benchmark
#   tools/install_deps.sh --check    the formatter of `make check` too
#   tools/install_deps.sh --tidy     the linter of `make check TIDY=1` too
#   tools/install_deps.sh --bench    Google Benchmark for `make bench` too
#   tools/install_deps.sh --missing  only prints what is missing
set -eu

# fonts-dejavu-core has the letters that FreeType draws.
packages="g++ make cmake ninja-build pkg-config
    libdnnl-dev libjpeg62-turbo-dev libpng-dev libwebp-dev libfreetype-dev fonts-dejavu-core
    libcli11-dev nlohmann-json3-dev libeigen3-dev"
# libopenblas0-pthread becomes LibTorch's libblas, tens of times faster than the reference one; libgloo-dev has the headers
# with which several processes train together.
train="libtorch-dev libgloo-dev libopenblas0-pthread"
# Three modules, not libopencv-dev: that saves 300 MiB. libopencv-objdetect-dev brings its headers, opencv-data the Haar
# cascades.
opencv="libopencv-core-dev libopencv-imgproc-dev libopencv-objdetect-dev opencv-data"
only_missing=no
for flag in "$@"; do
    case $flag in
        --opencv) packages="$packages $opencv" ;;
        --train) packages="$packages $train" ;;
        --test) packages="$packages $train libgtest-dev libbenchmark-dev" ;;
        --check) packages="$packages clang-format" ;;
        --tidy) packages="$packages clang-tidy" ;;
        --bench) packages="$packages libbenchmark-dev" ;;
        --missing) only_missing=yes ;;
        *)
            echo "install_deps.sh: unknown flag $flag; known are --opencv, --train, --test, --check, --tidy, --bench, --missing" >&2
            exit 2
            ;;
    esac
done

command -v dpkg-query >/dev/null || {
    echo "install_deps.sh: no Debian packages here; the build needs what these are: $packages" >&2
    exit 0
}
missing=""
for package in $packages; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing="$missing $package"
done
if [ "$only_missing" = yes ]; then
    echo $missing
    exit 0
fi
if [ -z "$missing" ]; then
    echo "All packages are installed."
    exit 0
fi

as_root=""
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || {
        echo "install_deps.sh: run this as root, or install sudo. Missing:$missing" >&2
        exit 1
    }
    as_root=sudo
fi
echo "Installing:$missing"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
$as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
