// How fast pictures are resized: a face down to its network's input, and a photograph.
#include "affectsr/image/resize.h"

#include <benchmark/benchmark.h>

namespace affectsr {
namespace {

Image noise(int width, int height) {
    Image picture(width, height);
    for (std::size_t i = 0; i < picture.rgb.size(); ++i) picture.rgb[i] = static_cast<std::uint8_t>(i * 7919 % 251);
    return picture;
}

/// A face of 128 px, and of 16, made 48 px wide by MATLAB's bicubic: what every classified face goes through.
void face_to_48_px(benchmark::State& state) {
    const Image face = noise(static_cast<int>(state.range(0)), static_cast<int>(state.range(0)));
    for (auto _ : state) benchmark::DoNotOptimize(resize(face, {48, 48}, Filter::bicubic));
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(face_to_48_px)->ArgName("px")->Arg(16)->Arg(128)->Unit(benchmark::kMicrosecond);

/// A photograph of 2 megapixels halved; items are megapixels.
void photo_halved(benchmark::State& state) {
    const Image photo = noise(1632, 1224);
    for (auto _ : state) benchmark::DoNotOptimize(resize(photo, {816, 612}, static_cast<Filter>(state.range(0))));
    state.SetItemsProcessed(state.iterations() * 2);
}
BENCHMARK(photo_halved)
    ->ArgName("filter")
    ->Arg(static_cast<int>(Filter::bicubic))
    ->Arg(static_cast<int>(Filter::bilinear))
    ->Arg(static_cast<int>(Filter::area))
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace affectsr
