// Writes checkpoints as the makers of restorers publish them, of their names, shapes and sizes, with made-up weights:
// what stands in for the real files where those are not at hand.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "affectsr/base/error.h"
#include "affectsr/plan/first_weights.h"
#include "affectsr/restore/codeformer.h"
#include "affectsr/restore/gfpgan.h"
#include "affectsr/restore/parse_net.h"
#include "affectsr/restore/test_published.h"

namespace {

using namespace affectsr;

void write(const std::filesystem::path& file, const TensorMap& published, const std::string& within) {
    std::ofstream(file, std::ios::binary) << torch_checkpoint(published, within, /*legacy=*/false);
    std::printf("%s\n", file.c_str());
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fputs("usage: affectsr_stand_ins FOLDER\n", stderr);
        return 2;
    }
    try {
        const std::filesystem::path folder = argv[1];
        std::filesystem::create_directories(folder);
        write(folder / "GFPGANv1.4.pth", published_gfpgan(first_weights(gfpgan({}).plan, 1)), "params_ema");
        write(folder / "codeformer.pth", published_codeformer(first_weights(codeformer({}).plan, 1)), "params_ema");
        write(folder / "parsing_parsenet.pth", published_parse_net(first_weights(parse_net({}).plan, 1)), "");
    } catch (const Error& error) {
        std::fprintf(stderr, "affectsr_stand_ins: %s\n", error.what());
        return error.exit_code();
    }
    return 0;
}
