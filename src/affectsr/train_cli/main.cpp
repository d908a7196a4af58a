// The command table of `affectsr-train`, and nothing else.
#include "affectsr/program/open_streams.h"
#include "affectsr/program/program.h"
#include "affectsr/train_cli/bench.h"
#include "affectsr/train_cli/libtorch.h"
#include "affectsr/train_cli/train.h"

int main(int argc, char** argv) {
    using namespace affectsr::cli;
    open_closed_streams();
    CommandTable table;
    table.name = "affectsr-train";
    table.summary =
        "affectsr-train does what needs LibTorch; `affectsr` hands over to it. Results go to stdout, all else to "
        "stderr.";
    table.examples =
        "  affectsr train recipes/train/small_net.json --data datasets/ --output trained/\n"
        "  affectsr bench --against libtorch";
    table.version_text = version_with_libtorch;
    table.commands = {
        {"train", "train a network by a recipe", kTrainExamples, declare_train},
        {"bench", "how fast networks play here, against LibTorch", kPeerBenchExamples, declare_peer_bench},
    };
    return run_program(table, {argv + 1, argv + argc});
}
