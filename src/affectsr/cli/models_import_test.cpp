#include "affectsr/cli/models_import.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <span>

#include "affectsr/base/sha256.h"
#include "affectsr/checkpoint/pth.h"
#include "affectsr/checkpoint/test_checkpoints.h"
#include "affectsr/detect/catalog.h"
#include "affectsr/detect/detection_network.h"
#include "affectsr/detect/import_detector.h"
#include "affectsr/image/codec.h"
#include "affectsr/image/test_stripes.h"
#include "affectsr/plan/first_weights.h"
#include "affectsr/program/run_affectsr.h"
#include "affectsr/weights/model_file.h"
#include "affectsr/weights/safetensors.h"

namespace affectsr::cli {
namespace {

using namespace test_checkpoints;

constexpr const char* kImport = "affectsr models import net.pth --network small_net -o net.safetensors ";
constexpr const char* kLabels = "--labels anger,disgust,fear,happy,sad,surprised,neutral ";

/// The weights of the tests' model as somebody else would publish them: {"params": {"stem.conv1.weight": …}, "epoch":
/// 3}.
void publish(const TemporaryFolder& folder, const std::string& leave_out = "", const Pairs& more = {}) {
    run(folder, "cp $AFFECTSR_MODELS/small_net.safetensors ours.safetensors");
    Pairs tensors = more;
    std::vector<StoredValues> storages;
    for (const auto& [name, tensor] : ModelFile::open(folder / "ours.safetensors").tensors) {
        const std::string published = name.starts_with("net.") ? name.substr(4) : name;
        if (tensor.type() != DType::f32 || published == leave_out) continue;
        std::vector<std::int64_t> strides(tensor.shape().size(), 1);
        for (std::size_t d = strides.size(); d-- > 1;) strides[d - 1] = strides[d] * tensor.shape()[d];
        const std::string key = std::to_string(storages.size());
        tensors.emplace_back(published, tensor_of(storage("Float", key, tensor.count()), 0, tensor.shape(), strides));
        storages.push_back(stored(key, tensor.floats()));
    }
    const std::string operations = dict({{"params", ordered_dict(tensors)}, {"epoch", number(3)}});
    folder.fill("net.pth", zip_checkpoint(operations, storages));
}

TEST(ModelsImport, MakesAModelThatVerifiesAndKnowsItsOrigin) {
    const TemporaryFolder folder;
    publish(folder);
    const Ran ran = run(folder, std::string(kImport) + kLabels +
                                    "--licence 'CC BY 4.0' --source 'Somebody 2020' && "
                                    "affectsr models verify ./net.safetensors");
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    EXPECT_EQ(ran.err, "");
    const ModelFile model = ModelFile::open(folder / "net.safetensors");
    ModelFile ours = ModelFile::open(folder / "ours.safetensors");
    std::erase_if(ours.tensors, [](const auto& named) { return named.second.type() != DType::f32; });  // the counters
    EXPECT_EQ(ran.out.rfind("net.safetensors: small_net, " + std::to_string(ours.tensors.size()) + " tensors, ", 0), 0u)
        << ran.out;
    EXPECT_NE(
        ran.out.find(", sha256 " + model.card.sha256 + "\nread from net.pth (zip, within params, left aside: epoch)"),
        std::string::npos)
        << ran.out;
    EXPECT_NE(ran.out.find("./net.safetensors: ok"), std::string::npos) << ran.out;
    EXPECT_EQ(model.card.network, "small_net");
    EXPECT_EQ(model.card.licence, "CC BY 4.0");
    EXPECT_EQ(model.card.source, "Somebody 2020");
    EXPECT_EQ(model.card.labels.front(), "anger");
    EXPECT_EQ(model.card.recipe["import"]["file"], "net.pth");
    for (const auto& [name, tensor] : ours.tensors) EXPECT_EQ(model.tensors.at(name).floats(), tensor.floats()) << name;
}

TEST(ModelsImport, SaysTheSameAsJson) {
    const TemporaryFolder folder;
    publish(folder);
    const Ran ran = run(folder, std::string(kImport) + kLabels + "--format json");
    const Json account = Json::parse(ran.out, nullptr, false);
    ASSERT_TRUE(account.is_object()) << ran.out << ran.err;
    EXPECT_EQ(account["network"], "small_net");
    EXPECT_EQ(account["sha256"], ModelFile::open(folder / "net.safetensors").card.sha256);
    EXPECT_GT(account["parameters"], 100000);
    EXPECT_EQ(account["read"]["within"], Json({"params"}));
    EXPECT_EQ(account["read"]["beside"], Json({"epoch"}));
}

TEST(ModelsImport, ListsWhatDoesNotFit) {
    const TemporaryFolder folder;
    const std::string small = tensor_of(storage("Float", "0", 7), 0, {1}, {1});  // of the first tensor, seven biases
    publish(folder, "stem.conv1.weight", {{"tail.bias", small}});
    const Ran ran = run(folder, std::string(kImport) + kLabels);
    EXPECT_EQ(ran.exit_code, 4);
    EXPECT_EQ(ran.out, "");
    EXPECT_NE(ran.err.find("1 missing: stem.conv1.weight [32, 1, 3, 3]; 1 extra: \"tail.bias\" [1]"), std::string::npos)
        << ran.err;
    EXPECT_NE(ran.err.find("[model_does_not_fit]"), std::string::npos) << ran.err;
    EXPECT_FALSE(std::filesystem::exists(folder / "net.safetensors"));
}

TEST(ModelsImport, RunsNothingOfTheCheckpoint) {
    const TemporaryFolder folder;
    folder.fill("net.pth", zip_checkpoint(call(global("os", "system"), {text("touch canary")})));
    const Ran ran = run(folder, std::string(kImport) + kLabels);
    EXPECT_EQ(ran.exit_code, 4);
    EXPECT_NE(ran.err.find("\"os.system\""), std::string::npos) << ran.err;
    EXPECT_NE(ran.err.find("[forbidden_pickle]"), std::string::npos) << ran.err;
    EXPECT_FALSE(std::filesystem::exists(folder / "canary"));
    EXPECT_FALSE(std::filesystem::exists(folder / "net.safetensors"));
}

TEST(ModelsImport, WantsToKnowEnoughBeforeItReads) {
    const TemporaryFolder folder;
    folder.fill("there.safetensors", "already");
    const std::string start = "affectsr models import nowhere.pth ";
    struct Wrong {
        std::string line, message;
        int exit_code;
    };
    for (const Wrong& wrong : std::vector<Wrong>{
             {start, "--network NAME", 2},
             {start + "--network small_net", "-o OUT.safetensors", 2},
             {start + "--network small_net -o out.pth", "-o OUT.safetensors", 2},
             {start + "--network no_net -o out.safetensors", "\"no_net\"; --network takes one of small_net", 2},
             {start + "--network small_net -o there.safetensors", "[output_exists]", 2},
             {start + "--network small_net -o out.safetensors --options '[1]'", "takes a JSON object", 2},
             {start + "--network small_net -o out.safetensors", "[no_such_model]", 4},
             {"affectsr models import", "FILE", 2},
         }) {
        const Ran ran = run(folder, wrong.line);
        EXPECT_EQ(ran.exit_code, wrong.exit_code) << wrong.line << ran.err;
        EXPECT_NE(ran.err.find(wrong.message), std::string::npos) << ran.err;
    }
    EXPECT_EQ(content_of(folder / "there.safetensors"), "already");
}

TEST(ModelsImport, WantsOptionsAndLabelsThatFit) {
    const TemporaryFolder folder;
    publish(folder);
    const Ran unlabelled = run(folder, kImport);
    EXPECT_EQ(unlabelled.exit_code, 2);
    EXPECT_NE(unlabelled.err.find("[no_labels]"), std::string::npos) << unlabelled.err;
    EXPECT_EQ(run(folder, std::string(kImport) + "--labels anger,boredom").exit_code, 2);
    EXPECT_EQ(run(folder, std::string(kImport) + kLabels + "--options '{\"colour\": 1}'").exit_code, 2);
    const Ran other = run(folder, std::string(kImport) + kLabels + "--options '{\"depths\": [1, 1, 1]}'");
    EXPECT_EQ(other.exit_code, 4);
    EXPECT_NE(other.err.find("extra: \"stage"), std::string::npos) << other.err;
}

TEST(ModelsImport, TakesPlainSafetensorsButNoModelOfOurs) {
    const TemporaryFolder folder;
    publish(folder);
    Safetensors plain;
    plain.tensors = ModelFile::open(folder / "ours.safetensors").tensors;
    write_safetensors(folder / "plain.safetensors", plain);
    const std::string rest = std::string(" --network small_net -o out.safetensors ") + kLabels;
    EXPECT_EQ(run(folder, "affectsr models import plain.safetensors" + rest).exit_code, 0);
    const Ran ours = run(folder, "affectsr models import ours.safetensors" + rest + "--overwrite");
    EXPECT_EQ(ours.exit_code, 4);
    EXPECT_NE(ours.err.find("[already_imported]"), std::string::npos) << ours.err;
}

/// An SRCNN 9-1-5 for colours that leaves the enlarged picture as it is, as somebody else would publish it. `last_bias`
/// is what it adds to blue.
void publish_srcnn(const std::filesystem::path& path, float last_bias = 0) {
    Safetensors plain;
    for (const auto& [name, shape] : std::map<std::string, std::vector<std::int64_t>>{{"conv1.weight", {64, 3, 9, 9}},
                                                                                      {"conv1.bias", {64}},
                                                                                      {"conv2.weight", {32, 64, 1, 1}},
                                                                                      {"conv2.bias", {32}},
                                                                                      {"conv3.weight", {3, 32, 5, 5}},
                                                                                      {"conv3.bias", {3}}}) {
        std::int64_t count = 1;
        for (const std::int64_t side : shape) count *= side;
        std::vector<float> values(static_cast<std::size_t>(count));
        for (std::int64_t c = 0; c < 3 && shape.size() == 4; ++c) {  // the middle of colour c's own kernel
            const std::int64_t area = shape[2] * shape[3];
            values[static_cast<std::size_t>((c * shape[1] + c) * area + area / 2)] = 1;
        }
        if (name == "conv3.bias") values.back() = last_bias;
        plain.tensors[name] = HostTensor::from_floats(values, shape);
    }
    write_safetensors(path, plain);
}

TEST(ModelsImport, RefusesWeightsThatAreNoNumbers) {
    const TemporaryFolder folder;
    for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
        publish_srcnn(folder / "plain.safetensors", bad);
        const Ran ran = run(folder,
                            "affectsr models import plain.safetensors --network srcnn -o s.safetensors "
                            "--options '{\"middle_kernel\": 1, \"channels\": 3}'");
        EXPECT_EQ(ran.exit_code, 4);
        EXPECT_NE(ran.err.find("tensor \"conv3.bias\""), std::string::npos) << ran.err;
        EXPECT_NE(ran.err.find("[not_finite]"), std::string::npos) << ran.err;
        EXPECT_FALSE(std::filesystem::exists(folder / "s.safetensors"));
    }
}

TEST(ModelsImport, RefusesAPublishedNan) {
    const std::filesystem::path published = AFFECTSR_SOURCE_DIR "/../shared/bugs/nan.pth";
    if (!std::filesystem::exists(published)) GTEST_SKIP() << published << " is not here";
    const TemporaryFolder folder;
    const Ran ran = run(folder, "affectsr models import '" + published.string() +
                                    "' --network srcnn -o s.safetensors --options '{\"middle_kernel\": 1}'");
    EXPECT_EQ(ran.exit_code, 4);
    EXPECT_NE(ran.err.find("[not_finite]"), std::string::npos) << ran.err;
}

TEST(ModelsImport, VerifyNamesTheTensorThatHoldsNoNumbers) {
    const TemporaryFolder folder;
    publish(folder);
    // As an affectsr that did not look wrote it: the hash is right.
    Safetensors content = read_safetensors(folder / "ours.safetensors");
    HostTensor& first = content.tensors.begin()->second;
    std::vector<float> values = first.floats();
    values.back() = std::nanf("");
    const DType type = first.type();
    first = HostTensor::from_floats(values, first.shape()).cast(type);
    content.metadata["affectsr.sha256"] = std::string(64, '0');
    write_safetensors(folder / "nan.safetensors", content);
    std::string bytes = content_of(folder / "nan.safetensors");
    const std::string hash = sha256_hex(std::as_bytes(std::span(bytes)));
    bytes.replace(bytes.find("\"affectsr.sha256\":\"") + 19, 64, hash);
    folder.fill("nan.safetensors", bytes);
    const Ran ran = run(folder, "affectsr models verify ./nan.safetensors");
    EXPECT_EQ(ran.exit_code, 4);
    EXPECT_NE(ran.out.find("failed (not_finite): "), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find("tensor \"" + content.tensors.begin()->first + "\""), std::string::npos) << ran.out;
}

TEST(ModelsImport, RefusesARestorerOfOtherThanColours) {
    const TemporaryFolder folder;
    publish_srcnn(folder / "plain.safetensors");
    const Ran ran = run(folder,
                        "affectsr models import plain.safetensors --network rrdb -o s.safetensors "
                        "--options '{\"in_channels\": 1}'");
    EXPECT_EQ(ran.exit_code, 2);
    EXPECT_NE(ran.err.find("\"in_channels\" must be 3"), std::string::npos) << ran.err;
}

TEST(ModelsImport, GivesARestorerThatAnalyzeUses) {
    const TemporaryFolder folder;
    publish_srcnn(folder / "plain.safetensors");
    folder.fill("face.png", text_of(encode_png(stripes(20, 20))));
    const Ran without = run(folder, "affectsr analyze face.png --already-cropped --restorer srcnn");
    EXPECT_EQ(without.exit_code, 4);
    EXPECT_NE(without.err.find("affectsr models import FILE --network srcnn"), std::string::npos) << without.err;
    const std::string import = "affectsr models import plain.safetensors --network srcnn -o s.safetensors ";
    EXPECT_EQ(run(folder, import + "--labels anger").exit_code, 2);
    const Ran imported = run(folder, import +
                                         "--options '{\"middle_kernel\": 1, \"channels\": 3, \"scale\": 2}' && "
                                         "affectsr models verify ./s.safetensors");
    EXPECT_EQ(imported.exit_code, 0) << imported.err;
    const Ran ran = run(folder,
                        "affectsr analyze face.png --already-cropped --restorer srcnn --restorer-model ./s.safetensors "
                        "--format json --pictures drawn");
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    EXPECT_NE(ran.out.find("enlarged"), std::string::npos) << ran.out;
    EXPECT_EQ(run(folder, "affectsr analyze face.png --restorer bicubic --restorer-model ./s.safetensors").exit_code,
              2);
}

TEST(ModelsImport, GivesADetectorThatVerifyLoads) {
    const TemporaryFolder folder;
    const auto network = find(detection_network_catalog(), "yunet", "detector").make(Json::object());
    ModelFile model = import_detector("yunet", Json::object(), first_weights(network->plan, 1), "made up").model;
    model.save(folder / "y.safetensors");
    const Ran sound = run(folder, "affectsr models verify ./y.safetensors");
    EXPECT_EQ(sound.exit_code, 0) << sound.out << sound.err;
    model.tensors.erase(model.tensors.begin());
    model.save(folder / "less.safetensors");
    const Ran less = run(folder, "affectsr models verify ./less.safetensors");
    EXPECT_EQ(less.exit_code, 4) << less.out;
    EXPECT_NE(less.out.find("model_does_not_fit"), std::string::npos) << less.out;
}

TEST(ModelsImport, NeverWritesOntoTheFileItReads) {
    const TemporaryFolder folder;
    publish(folder);
    const std::string before = content_of(folder / "ours.safetensors");
    const Ran ran = run(folder,
                        "ln -s ours.safetensors net.safetensors; affectsr models import ours.safetensors "
                        "--network small_net -o net.safetensors --overwrite " +
                            std::string(kLabels));
    EXPECT_EQ(ran.exit_code, 2) << ran.err;
    EXPECT_NE(ran.err.find("[output_is_input]"), std::string::npos) << ran.err;
    EXPECT_TRUE(content_of(folder / "ours.safetensors") == before);
}

}  // namespace
}  // namespace affectsr::cli
