#include "affectsr/cli/record.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"
#include "affectsr/base/temporary_folder.h"
#include "affectsr/weights/model_file.h"

namespace affectsr::cli {
namespace {

TEST(Record, KeepsTheTensorsAndReplacesTheFigures) {
    const TemporaryFolder folder;
    ModelFile model;
    model.card.network = "small_net";
    model.tensors["w"] = HostTensor::from_floats(std::vector<float>{1, 2}, {2});
    model.save(folder / "m.safetensors");
    const std::string report = folder.fill("r.json", R"({
        "provenance": {"dataset": "faces", "split": "", "dataset_sha256": "", "commit": "", "command": "", "options": {"truth": "label"}},
        "rows": []})");
    record_figures(folder / "m.safetensors", {report, report});
    record_figures(folder / "m.safetensors", {report});
    const ModelFile changed = ModelFile::open(folder / "m.safetensors");
    EXPECT_EQ(changed.card.figures["evaluation"].size(), 1u);
    EXPECT_EQ(changed.tensors.at("w").floats(), (std::vector<float>{1, 2}));
}

TEST(Record, LeavesTheModelAloneIfAReportIsBroken) {
    const TemporaryFolder folder;
    ModelFile model;
    model.card.network = "small_net";
    model.save(folder / "m.safetensors");
    EXPECT_THROW(record_figures(folder / "m.safetensors", {folder.fill("r.json", "[")}), InputError);
    EXPECT_TRUE(ModelFile::open(folder / "m.safetensors").card.figures.empty());
}

}  // namespace
}  // namespace affectsr::cli
