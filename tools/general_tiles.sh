#!/bin/sh
# Cuts the pictures of Debian's wallpaper packages into squares: general pictures to learn super-resolution from.
#   tools/general_tiles.sh OUT        OUT becomes a data set with a manifest.csv, for recipes/train/meta_sr_general.json
# Downloads 220 MB from the distribution and installs nothing; needs ImageMagick (apt-get install imagemagick). Each
# picture is reduced to a short side of 768 px, which hides what its camera or its compression blurred, and cut into
# squares of 128 px without overlap; squares with next to nothing in them are left out. The tiles of every fiftieth
# picture are `val`. OUT must not be there yet. Exit code: 0 done, 1 a package or a tool is missing, 2 a wrong word.
set -eu

[ $# = 1 ] || {
    sed -n '2,7s/^# \{0,1\}//p' "$0" >&2
    exit 2
}
for tool in convert dpkg apt-get; do
    command -v "$tool" > /dev/null || {
        echo "general_tiles.sh: $tool is not there (convert comes with imagemagick)" >&2
        exit 1
    }
done
packages="gnome-backgrounds lomiri-wallpapers-16.04 lomiri-wallpapers-20.04 mate-backgrounds plasma-workspace-wallpapers
          ukui-wallpapers"
least_bytes=4000 # of a tile as JPEG of quality 95; plain sky has about 1000

out=${1%/}
[ ! -e "$out" ] || {
    echo "general_tiles.sh: $out is there already; name a folder that is not" >&2
    exit 2
}
work=$(mktemp -d)
trap 'rm -rf "$work" "$out.part"' EXIT
mkdir -p "$out.part/train" "$out.part/val"
(
    cd "$work"
    # shellcheck disable=SC2086  # words
    apt-get download -q $packages > /dev/null || exit 1
    for package in *.deb; do dpkg -x "$package" files; done
)
# Screenshots and the upright copies for telephones show what the large picture shows.
find "$work/files" -type f \( -name '*.jpg' -o -name '*.png' -o -name '*.webp' \) -size +50k |
    grep -v -e /screenshot -e '/720x1440\.' -e '/1080x1920\.' -e '/1622x2880\.' | LC_ALL=C sort > "$work/pictures"
number=0
while IFS= read -r picture; do
    number=$((number + 1))
    split="train"
    [ $((number % 50)) != 7 ] || split="val"
    name=$(printf '%03d' "$number")
    convert "$picture" -background white -flatten -colorspace sRGB -strip -filter Lanczos -resize '768x768^' -crop 128x128 \
        +repage -quality 95 "$work/${name}_%03d.jpg" || {
        echo "general_tiles.sh: left out: $picture" >&2
        continue
    }
    identify -format '%wx%h %i\n' "$work/${name}"_*.jpg | while read -r size tile; do
        if [ "$size" = 128x128 ] && [ "$(wc -c < "$tile")" -ge "$least_bytes" ]; then mv "$tile" "$out.part/$split/"; fi
    done
    rm -f "$work/${name}"_*.jpg
done < "$work/pictures"
{
    echo path,split,source
    (cd "$out.part" && find train val -name '*.jpg' | LC_ALL=C sort) |
        sed 's|^\([a-z]*\)/.*|&,\1,wallpapers of Debian 12|'
} > "$out.part/manifest.csv"
mv "$out.part" "$out"
echo "$(grep -c ,train, "$out/manifest.csv") tiles to train on, $(grep -c ,val, "$out/manifest.csv") held out, of $number pictures: $out"
