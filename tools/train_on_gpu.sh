#!/bin/sh
# Trains on a machine that has a GPU and a LibTorch (or PyTorch) with CUDA, and may have nothing else of what we need.
#   tools/train_on_gpu.sh pack DATA PACK [FOLDER[=ROWS]…]     here: data sets and libraries → one file to take along
#   tools/train_on_gpu.sh build PACK OUT                      there: unpacks it in OUT and builds affectsr-train
#   tools/train_on_gpu.sh train OUT RECIPE=MINUTES[,RECIPE=MINUTES…]…    there: trains; with commas at the same time
# A FOLDER is a data set with a manifest.csv in DATA; ROWS takes so many of its rows (by a fixed shuffle), none of the
# splits that are only for tests (PublicTest, PrivateTest, test). `train` takes up a recipe again that was stopped, keeps
# models, logs and checkpoints in OUT, and goes on with the next recipe if one fails. LIBTORCH names LibTorch's folder;
# without it the PyTorch of python3 is taken, which needs no CUDA toolkit. Exit code: 0 all trained, 3 some failed, 2 a
# wrong word.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)

usage() {
    sed -n '2,11s/^# \{0,1\}//p' "$0" >&2
    exit 2
}

# The rows of a manifest that may be learned from, `rows` of them; the header is kept.
rows_of() { # manifest rows
    awk -F, -v most="$2" '
        NR == 1 { print; for (i = 1; i <= NF; ++i) if ($i == "split") split_column = i; next }
        $split_column ~ /^(PublicTest|PrivateTest|test)$/ { next }
        { print (NR * 2654435761) % 4294967296 "\t" $0 }' "$1" |
        { IFS= read -r header; printf '%s\n' "$header"; sort -n | cut -f2- | { [ "$2" -gt 0 ] && head -n "$2" || cat; }; }
}

pack() {
    [ $# -ge 3 ] || usage
    data=$1 to=$2
    shift 2
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    for item in "$@"; do
        folder=${item%%=*} rows=0
        [ "$folder" = "$item" ] || rows=${item#*=}
        [ -f "$data/$folder/manifest.csv" ] || {
            echo "train_on_gpu.sh: $data/$folder/manifest.csv is not there; a data set is a folder with a manifest.csv" >&2
            exit 2
        }
        mkdir -p "$work/data/$folder"
        rows_of "$data/$folder/manifest.csv" "$rows" >"$work/data/$folder/manifest.csv"
        tail -n +2 "$work/data/$folder/manifest.csv" | cut -d, -f1 >"$work/list"
        tar -C "$data/$folder" -cf - -T "$work/list" | tar -C "$work/data/$folder" -xf -
        echo "$folder: $(wc -l <"$work/list") pictures"
    done
    rm -f "$work/list"
    # What the build needs beside LibTorch: header-only packages, and the picture libraries with their headers.
    mkdir -p "$work/usr/include" "$work/usr/lib" "$work/usr/bin" "$work/usr/share/cmake"
    libraries=/usr/lib/$(gcc -dumpmachine)
    cp -r /usr/include/nlohmann /usr/include/CLI /usr/include/webp /usr/include/eigen3 "$work/usr/include/"
    for header in jpeglib.h jmorecfg.h jerror.h png.h pngconf.h pnglibconf.h zlib.h zconf.h; do
        cp "$(find /usr/include -name $header | head -n 1)" "$work/usr/include/"
    done
    cp "$(find /usr/include -name jconfig.h | head -n 1)" "$work/usr/include/"
    for library in libjpeg.so libpng16.so libwebp.so libz.so; do
        cp -L "$libraries/$library" "$work/usr/lib/$library"
        soname=$(objdump -p "$libraries/$library" | awk '$1 == "SONAME" { print $2 }')
        [ "$soname" = "$library" ] || ln -sf "$library" "$work/usr/lib/$soname"
    done
    ln -sf libpng16.so "$work/usr/lib/libpng.so"
    for package in nlohmann_json CLI11; do
        cp -r "$(find /usr/share /usr/lib -type d -name $package -path '*cmake*' | head -n 1)" "$work/usr/share/cmake/"
    done
    mkdir -p "$work/usr/share/eigen3" && cp -r /usr/share/eigen3/cmake "$work/usr/share/eigen3/"
    sed -n '/^Version/p' "$libraries/pkgconfig/libwebp.pc" >"$work/webp_version"
    tar -C "$work" -cJf "$to.part" . && mv "$to.part" "$to"
    echo "$to: $(wc -c <"$to") bytes"
}

# Where LibTorch's cmake files are. PyTorch's own ask for a CUDA toolkit, which nothing of ours needs, so that for the
# PyTorch of python3 these are written here.
torch_folder() { # unpacked
    [ -n "${LIBTORCH:-}" ] && { echo "$LIBTORCH"; return; }
    torch=$(python3 -c 'import os, torch; print(os.path.dirname(torch.__file__))' 2>/dev/null) || {
        echo "train_on_gpu.sh: no LibTorch here; name its folder in LIBTORCH" >&2
        exit 2
    }
    abi=$(python3 -c 'import torch; print(int(torch._C._GLIBCXX_USE_CXX11_ABI))')
    mkdir -p "$1/usr/share/cmake/Torch"
    {
        echo "set(Torch_FOUND TRUE)"
        echo "set(TORCH_INCLUDE_DIRS \"$torch/include\" \"$torch/include/torch/csrc/api/include\")"
        echo "set(TORCH_CXX_FLAGS \"-D_GLIBCXX_USE_CXX11_ABI=$abi\")"
        # libtorch_cuda registers itself when it is loaded: nothing else asks for it.
        echo "set(TORCH_LIBRARIES \"-L$torch/lib\" \"-Wl,-rpath,$torch/lib\" -Wl,--no-as-needed"
        for library in torch torch_cpu torch_cuda c10 c10_cuda; do
            [ ! -e "$torch/lib/lib$library.so" ] || echo "    -l$library"
        done
        echo "    -Wl,--as-needed)"
    } >"$1/usr/share/cmake/Torch/TorchConfig.cmake"
    echo "$1/usr"
}

build() { # unpacked
    torch=$(torch_folder "$1")
    mkdir -p "$1/usr/lib/pkgconfig"
    printf 'Name: libwebp\nDescription: WebP\n%s\nLibs: -L%s/usr/lib -lwebp\nCflags: -I%s/usr/include\n' \
        "$(cat "$1/webp_version")" "$1" "$1" >"$1/usr/lib/pkgconfig/libwebp.pc"
    # Where pkg-config is missing, this answers the one question that is asked of it.
    if ! command -v pkg-config >/dev/null; then
        cat >"$1/usr/bin/pkg-config" <<WORDS
#!/bin/sh
case "\$*" in
    *--version*) echo 1.8.1 ;;
    *--modversion*) sed -n 's/^Version: //p' "$1/webp_version" ;;
    *--cflags*) echo "-I$1/usr/include" ;;
    *--libs*) echo "-L$1/usr/lib -lwebp" ;;
    *--variable*) echo "$1/usr" ;;
esac
WORDS
        chmod +x "$1/usr/bin/pkg-config"
        export PKG_CONFIG="$1/usr/bin/pkg-config"
    fi
    export PKG_CONFIG_PATH="$1/usr/lib/pkgconfig" LD_LIBRARY_PATH="$1/usr/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
    cmake -S "$here" -B "$here/build/gpu" -G Ninja --log-level=WARNING -D CMAKE_BUILD_TYPE=Release \
        -D AFFECTSR_RUNTIME=OFF -D AFFECTSR_TESTS=OFF -D AFFECTSR_WERROR=OFF \
        -D "CMAKE_PREFIX_PATH=$torch;$1/usr" -D "nlohmann_json_DIR=$1/usr/share/cmake/nlohmann_json" \
        -D "CLI11_DIR=$1/usr/share/cmake/CLI11" -D "Eigen3_DIR=$1/usr/share/eigen3/cmake"
    cmake --build "$here/build/gpu" --target affectsr-train --parallel "$("$here/tools/jobs.sh")"
}

unpack_and_build() { # pack out
    [ $# = 2 ] || usage
    mkdir -p "$2"
    unpacked=$(cd "$2" && pwd)/unpacked
    [ -d "$unpacked/data" ] || { mkdir -p "$unpacked" && tar -C "$unpacked" -xJf "$1"; }
    build "$unpacked"
}

# Trains one recipe; its last words and how it ended go to OUT/NAME.out.
train_one() { # recipe minutes loader_threads
    name=$(basename "$1" .json)
    "$here/build/gpu/bin/affectsr-train" train "$1" --data "$out/unpacked/data" -o "$out" --minutes "$2" \
        --threads 2 --loader-threads "$3" --memory-mb 8192 --resume >"$out/$name.out" 2>&1 || {
        echo "train_on_gpu.sh: $1 failed:" >&2
        tail -n 5 "$out/$name.out" >&2
        return 1
    }
    tail -n 1 "$out/$name.log.jsonl"
}

train() { # out job…
    [ $# -ge 2 ] || usage
    out=$(cd "$1" && pwd)
    shift
    for recipe in $(echo "$*" | tr ', ' '\n\n' | sed 's/=[^=]*$/ &/' | cut -d' ' -f1); do
        [ -f "$recipe" ] || {
            echo "train_on_gpu.sh: no recipe $recipe" >&2
            exit 2
        }
    done
    cores=$(getconf _NPROCESSORS_ONLN)
    export LD_LIBRARY_PATH="$out/unpacked/usr/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
    failed=0
    for job in "$@"; do
        case $job in *=*) ;; *) usage ;; esac
        at_once=$(echo "$job" | tr ',' '\n' | wc -l)
        running=
        for item in $(echo "$job" | tr ',' ' '); do
            echo "== ${item%=*}: ${item##*=} minutes"
            train_one "${item%=*}" "${item##*=}" $(((cores + at_once - 1) / at_once)) &
            running="$running $!"
        done
        for one in $running; do wait "$one" || failed=1; done
    done
    [ $failed = 0 ] || exit 3
}

[ $# -ge 1 ] || usage
word=$1
shift
case $word in
    pack) pack "$@" ;;
    build) unpack_and_build "$@" ;;
    train) train "$@" ;;
    *) usage ;;
esac
