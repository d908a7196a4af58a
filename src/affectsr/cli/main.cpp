// The command table of `affectsr`, and nothing else.
#include "affectsr/cli/analyze.h"
#include "affectsr/cli/annotate.h"
#include "affectsr/cli/bench.h"
#include "affectsr/cli/compare.h"
#include "affectsr/cli/degrade.h"
#include "affectsr/cli/doctor.h"
#include "affectsr/cli/enhance.h"
#include "affectsr/cli/evaluate.h"
#include "affectsr/cli/hand_over.h"
#include "affectsr/cli/models.h"
#include "affectsr/program/open_streams.h"
#include "affectsr/program/program.h"

int main(int argc, char** argv) {
    using namespace affectsr::cli;
    open_closed_streams();
    CommandTable table;
    table.name = "affectsr";
    table.summary =
        "affectsr reads expressions on faces too small to read. Results go to stdout, everything else to stderr.";
    table.examples = R"(  affectsr analyze party.jpg                          every face and its expression
  affectsr analyze photos/ --output faces.jsonl       a folder, one row per photo
  affectsr analyze party.jpg --pictures out/          the photo with boxes and labels
  affectsr doctor                                     what this installation can do)";
    table.version_text = version_text;
    table.hand_over = hand_over_to_training_program;
    table.commands = {
        {"analyze", "find faces in photos and read their expressions", kAnalyzeExamples, declare_analyze},
        {"enhance", "make small faces of photos clear, and mark the pictures as reconstructions", kEnhanceExamples,
         declare_enhance},
        {"compare", "did a restoration change the expressions?", kCompareExamples, declare_compare},
        {"evaluate", "measure how well faces of each size are read", kEvaluateExamples, declare_evaluate},
        {"train", "train a network by a recipe (by the program affectsr-train)", kTrainingExamples, declare_training},
        {"annotate", "mark the faces of photographs, for people to correct", kAnnotateExamples, declare_annotate},
        {"models", "list, show and verify model files", kModelsExamples, declare_models},
        {"degrade", "make the small picture that a far camera would have made", kDegradeExamples, declare_degrade},
        {"bench", "how fast networks play here", kBenchExamples, declare_bench},
        {"doctor", "what this installation is made of and can do", kDoctorExamples, declare_doctor},
    };
    return run_program(table, {argv + 1, argv + argc});
}
