// The command table, and nothing else.
#include "affectsr/cli/analyze.h"
#include "affectsr/cli/bench.h"
#include "affectsr/cli/degrade.h"
#include "affectsr/cli/doctor.h"
#include "affectsr/cli/evaluate.h"
#include "affectsr/cli/models.h"
#include "affectsr/cli/open_streams.h"
#include "affectsr/cli/program.h"
#include "affectsr/cli/train.h"

int main(int argc, char** argv) {
    using namespace affectsr::cli;
    open_closed_streams();
    const Command commands[] = {
        {"analyze", "find faces in photos and read their expressions", kAnalyzeExamples, declare_analyze},
        {"evaluate", "measure how well faces of each size are read", kEvaluateExamples, declare_evaluate},
        {"train", "train a network by a recipe", kTrainExamples, declare_train},
        {"models", "list, show and verify model files", kModelsExamples, declare_models},
        {"degrade", "make the small picture that a far camera would have made", kDegradeExamples, declare_degrade},
        {"bench", "how fast networks play here, against LibTorch", kBenchExamples, declare_bench},
        {"doctor", "what this installation is made of and can do", kDoctorExamples, declare_doctor},
    };
    return run_program(commands, {argv + 1, argv + argc});
}
