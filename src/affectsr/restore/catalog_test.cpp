#include "affectsr/restore/catalog.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "affectsr/base/error.h"
#include "affectsr/base/temporary_folder.h"
#include "affectsr/restore/import_restorer.h"
#include "affectsr/restore/test_networks.h"

namespace affectsr {
namespace {

// Every restorer builds from its defaults, meets its own needs with one tiny face, and refuses an unknown option.
TEST(Catalog, EveryRestorerRestoresATinyFace) {
    ASSERT_FALSE(restorer_catalog().empty());
    for (const Entry<Restorer>& entry : restorer_catalog()) {
        SCOPED_TRACE(entry.name);
        const std::unique_ptr<Restorer> restorer = entry.make(Json::object());
        const RestorerNeeds needs = restorer->needs();
        FaceCrop crop;
        const int input_px = needs.input_px > 0 ? needs.input_px : 12;
        crop.pixels = Image(input_px, input_px, 90);
        const Image restored = restorer->restore(crop).picture;
        const int output_px = needs.scale > 0 ? needs.scale * input_px : needs.output_px;
        EXPECT_EQ(restored.size(), (ImageSize{output_px, output_px}));
        EXPECT_FALSE(entry.source.empty());
        EXPECT_THROW(entry.make(Json{{"no_such_option", 1}}), UsageError);
    }
}

TEST(Catalog, BicubicTakesItsOutputSize) {
    const Entry<Restorer>& entry = find<Restorer>(restorer_catalog(), "bicubic", "restorer");
    EXPECT_EQ(entry.make(Json{{"output_px", 64}})->needs().output_px, 64);
    EXPECT_THROW(entry.make(Json{{"output_px", 0}}), UsageError);
    EXPECT_THROW(find<Restorer>(restorer_catalog(), "magic", "restorer"), UsageError);
}

TEST(Catalog, EveryNetworkRestoresCropsOfAnySize) {
    for (const Entry<SrNetwork>& entry : sr_network_catalog()) {
        SCOPED_TRACE(entry.name);
        const SmallModel model(entry.name);
        for (const char* precision : {"f32", "bf16"}) {
            const auto restorer = load_restorer(entry.name, model.path, precision, 48);
            const RestorerNeeds needs = restorer->needs();
            ASSERT_TRUE(needs.scale > 1 || needs.output_px > 0);
            for (const int side : {9, 12}) {
                FaceCrop crop;
                crop.pixels = Image(side, side, 90);
                const int taken_px = needs.input_px > 0 ? needs.input_px : side;
                const int restored_px = needs.scale > 0 ? needs.scale * taken_px : needs.output_px;
                EXPECT_EQ(restorer->restore(crop).picture.size(), (ImageSize{restored_px, restored_px}));
            }
        }
        EXPECT_FALSE(entry.source.empty());
        EXPECT_THROW(entry.make(Json{{"no_such_option", 1}}), UsageError);
    }
}

TEST(Catalog, EveryNetworkTakesImportedWeights) {
    for (const Entry<SrNetwork>& entry : sr_network_catalog()) {
        SCOPED_TRACE(entry.name);
        const SmallModel model(entry.name);
        const ImportedModel imported =
            import_restorer(entry.name, model.file.card.options, model.file.tensors, "weights.pth");
        EXPECT_EQ(imported.model.card.network, entry.name);
        for (const auto& [name, value] : model.file.card.options.items())
            EXPECT_EQ(imported.model.card.options.at(name), value) << name;
        EXPECT_EQ(imported.model.tensors.size(), model.file.tensors.size());
        EXPECT_GT(imported.parameters, 1000);
        TensorMap incomplete = model.file.tensors;
        incomplete.erase(incomplete.begin());
        EXPECT_THROW(import_restorer(entry.name, model.file.card.options, incomplete, "weights.pth"), ModelError);
    }
}

TEST(Catalog, ANetworkWithoutWeightsSaysHowToImportThem) {
    try {
        load_restorer("srcnn", {}, "f32", 48);
        FAIL() << "no weights of srcnn come with the source";
    } catch (const ModelError& error) {
        EXPECT_EQ(error.code(), "no_such_model");
        EXPECT_NE(std::string(error.what()).find("models import FILE --network srcnn"), std::string::npos);
    }
}

TEST(Catalog, OneNameStandsForNetworksOfSeveralScales) {
    const SmallModel model("edsr");
    const TemporaryFolder folder;
    ModelFile file = model.file;
    file.save(folder / "edsr_x4.safetensors");
    file.card.source = "another file, and hash";
    file.save(folder / "edsr_x8.safetensors");
    ASSERT_EQ(setenv("AFFECTSR_MODELS", folder.path().c_str(), 1), 0);
    const std::string x4 = load_restorer("edsr", {}, "f32", 48)->model_sha256();
    EXPECT_EQ(x4.size(), 64U);
    EXPECT_EQ(load_restorer("edsr", {}, "f32", 48, 4)->model_sha256(), x4);
    EXPECT_NE(load_restorer("edsr", {}, "f32", 48, 8)->model_sha256(), x4);
    EXPECT_THROW(load_restorer("edsr", {}, "f32", 48, 2), ModelError);
    unsetenv("AFFECTSR_MODELS");
    EXPECT_EQ(load_restorer("bicubic", {}, "f32", 48)->model_sha256(), "");
}

TEST(Catalog, LoadsOnlyWhatFits) {
    const SmallModel model("edsr");
    EXPECT_THROW(load_restorer("rcan", model.path, "f32", 48), ModelError) << "another network";
    EXPECT_THROW(load_restorer("edsr", model.path, "f64", 48), UsageError);
    EXPECT_THROW(load_restorer("magic", {}, "f32", 48), UsageError);
    EXPECT_THROW(load_restorer("bicubic", model.path, "f32", 48), UsageError) << "it has no weights";
    EXPECT_EQ(load_restorer("bicubic", {}, "f32", 64)->needs().output_px, 64);
    ModelFile damaged = model.file;
    damaged.card.options["scale"] = 5;
    damaged.save(model.path);
    EXPECT_THROW(load_restorer("edsr", model.path, "f32", 48), ModelError);
}

TEST(Catalog, UnknownRestorersNameAllThatThereAre) {
    try {
        expect_known_restorer("magic");
        FAIL();
    } catch (const UsageError& error) {
        for (const char* name : {"bicubic", "srcnn", "edsr", "rcan", "rrdb", "fsrnet", "dic", "sparnet"})
            EXPECT_NE(std::string(error.what()).find(name), std::string::npos) << name;
    }
}

}  // namespace
}  // namespace affectsr
