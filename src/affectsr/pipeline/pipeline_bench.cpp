// How fast faces walk: whole photos per second, and faces per second through restorer and classifier alone.
#include "affectsr/pipeline/pipeline.h"

#include <benchmark/benchmark.h>

#include "affectsr/image/codec.h"

namespace affectsr {
namespace {

PipelineOptions options_for(const benchmark::State& state) {
    PipelineOptions options;
    options.precision = state.range(0) == 0 ? "f32" : "bf16";
    return options;
}

Image photo() {
    return read_image(AFFECTSR_SOURCE_DIR "/examples/astronaut.png");
}

/// One photo of 512 × 512 px with one face, decoded already; items are photos.
void photos(benchmark::State& state) {
    const Pipeline pipeline(options_for(state));
    const Image picture = photo();
    for (auto _ : state) benchmark::DoNotOptimize(pipeline.run(picture));
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(photos)->ArgName("bf16")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond)->UseRealTime();

/// Faces that are cut out already, 64 in one pass; items are faces.
void faces(benchmark::State& state) {
    const Pipeline pipeline(options_for(state));
    const Answer answer = pipeline.run(photo());
    if (answer.faces.empty()) {
        state.SkipWithError("no face was found on examples/astronaut.png");
        return;
    }
    const std::vector<FaceCrop> crops(64, answer.faces.front().crop);
    for (auto _ : state) benchmark::DoNotOptimize(pipeline.look_all(crops));
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(crops.size()));
}
BENCHMARK(faces)->ArgName("bf16")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace affectsr
