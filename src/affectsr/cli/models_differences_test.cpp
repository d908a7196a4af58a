#include "affectsr/cli/models_differences.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"
#include "affectsr/base/temporary_folder.h"
#include "affectsr/program/run_affectsr.h"

namespace affectsr::cli {
namespace {

ModelState saved(const TemporaryFolder& folder, const std::string& name, double accuracy, int epochs,
                 std::vector<float> weights) {
    ModelFile model;
    model.card.network = "small_net";
    model.card.recipe["epochs"] = epochs;
    model.card.figures["evaluation"] = {{{"dataset", "faces"},
                                         {"split", "test"},
                                         {"truth", "votes"},
                                         {"dataset_sha256", "ab"},
                                         {"rows",
                                          {{{"size", 48},
                                            {"accuracy", accuracy},
                                            {"balanced_accuracy", 0.5},
                                            {"ece", 0.04},
                                            {"recall", {{"fear", nullptr}}}}}}}};
    const auto count = static_cast<std::int64_t>(weights.size());
    model.tensors["w"] = HostTensor::from_floats(weights, {count});
    model.save(folder / name);
    return check_model((folder / name).string(), false);
}

TEST(ModelsDifferences, TextTellsRecipeWeightsAndFigures) {
    const TemporaryFolder folder;
    const Json changes = model_changes(saved(folder, "a.safetensors", 0.8, 12, {1}),
                                       saved(folder, "b.safetensors", 0.85, 24, {1, 2, 3}));
    const std::string text = printable_changes(changes);
    for (const char* part :
         {"recipe      epochs: 12, now 24\n", "parameters  1, now 3 (+2)\n", "weights     others\n",
          "card        the same\n", "faces test, truth: votes, views: 1\n",
          "  accuracy           48   0.8000  0.8500  +0.0500\n", "    fear             48        -       -        -\n"})
        EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

TEST(ModelsDifferences, AModelIsTheSameAsItself) {
    const TemporaryFolder folder;
    const ModelState state = saved(folder, "a.safetensors", 0.8, 12, {1});
    const std::string text = printable_changes(model_changes(state, state));
    EXPECT_NE(text.find("weights     the same\n"), std::string::npos) << text;
    EXPECT_NE(text.find("recipe      the same\n"), std::string::npos) << text;
    EXPECT_NE(text.find("0.8000  0.8000  +0.0000"), std::string::npos) << text;
}

TEST(ModelsDifferences, TheCommandTakesOneModelOrTwo) {
    const TemporaryFolder folder;
    const Ran two = run(folder,
                        "cp $AFFECTSR_MODELS/small_net.safetensors a.safetensors\n"
                        "affectsr models info small_net a.safetensors");
    EXPECT_EQ(two.exit_code, 0) << two.err;
    EXPECT_EQ(two.out.rfind("before ", 0), 0u) << two.out;
    EXPECT_NE(two.out.find("neither card has any"), std::string::npos) << two.out;
    const Ran missing = run(folder, "affectsr models info small_net gone.safetensors");
    EXPECT_EQ(missing.exit_code, 4);
    EXPECT_EQ(run(folder, "affectsr models info a b c").exit_code, 2);
}

}  // namespace
}  // namespace affectsr::cli
