// How long the most expensive hostile files take to be refused: the limits that keep it short are held by the tests.
#include <benchmark/benchmark.h>

#include "affectsr/base/error.h"
#include "affectsr/base/temporary_folder.h"
#include "affectsr/checkpoint/pickle.h"
#include "affectsr/checkpoint/pth.h"
#include "affectsr/checkpoint/test_checkpoints.h"
#include "affectsr/weights/safetensors.h"

namespace affectsr {
namespace {

using namespace test_checkpoints;

template <class Read>
void refuse(benchmark::State& state, const std::string& bytes, Read read) {
    const TemporaryFolder folder;
    const auto file = folder.fill("bad", bytes);
    for (auto _ : state) {
        try {
            read(file);
            state.SkipWithError("was read");
        } catch (const ModelError& error) {
            benchmark::DoNotOptimize(error.what());
        }
    }
}

/// The longest header, full of tensors, with its fault at the end.
void longest_header(benchmark::State& state) {
    std::string header = "{";
    for (int i = 0; header.size() + 80 < kMostHeaderBytes; ++i)
        header += "\"t" + std::to_string(i) + R"(":{"dtype":"U8","shape":[],"data_offsets":[0,1]},)";
    header += R"("z":1})";
    refuse(state, little(header.size(), 8) + header, [](const auto& file) { read_safetensors(file); });
}
BENCHMARK(longest_header)->Unit(benchmark::kMillisecond);

/// As many values as a pickle may have, and one more.
void most_values(benchmark::State& state) {
    refuse(state, zip_checkpoint("(" + repeated("]", PickleRules{}.most_values + 1)),
           [](const auto& file) { read_pth(file); });
}
BENCHMARK(most_values)->Unit(benchmark::kMillisecond);

/// As many entries as an archive may have, none of them a tensor's.
void most_entries(benchmark::State& state) {
    std::vector<ZipEntry> entries = zip_entries(dict({}), {});
    for (int i = 0; i < 60000; ++i) entries.push_back({"archive/data/" + std::to_string(i), ""});
    refuse(state, zip(entries), [](const auto& file) { read_pth(file); });
}
BENCHMARK(most_entries)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace affectsr
