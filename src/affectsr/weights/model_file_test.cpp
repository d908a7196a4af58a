#include "affectsr/weights/model_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "affectsr/base/error.h"
#include "affectsr/base/sha256.h"
#include "affectsr/base/temporary_folder.h"
#include "affectsr/base/test_cost.h"
#include "affectsr/weights/safetensors.h"

namespace affectsr {
namespace {

namespace fs = std::filesystem;

struct ModelFolder : TemporaryFolder {
    fs::path file = path() / "net.safetensors";
};

// An environment variable that has its old value again after the test.
struct Environment {
    explicit Environment(const std::string& value) { ::setenv("AFFECTSR_MODELS", value.c_str(), 1); }
    ~Environment() { had_ ? ::setenv("AFFECTSR_MODELS", old_.c_str(), 1) : ::unsetenv("AFFECTSR_MODELS"); }

 private:
    bool had_ = std::getenv("AFFECTSR_MODELS") != nullptr;
    std::string old_ = had_ ? std::getenv("AFFECTSR_MODELS") : "";
};

void write(const fs::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

ModelFile small_model() {
    ModelFile model;
    model.card.network = "small_net";
    model.card.options = {{"features", 8}};
    model.card.labels = {"neutral", "happy"};
    model.card.input = {{"size_px", 48}};
    model.card.source = "made up for this test";
    model.card.licence = "CC0-1.0";
    model.tensors = {{"conv.weight", HostTensor::from_floats(std::vector<float>{0, 1, -2, 0.5f}, {2, 2})},
                     {"conv.bias", HostTensor::from_floats(std::vector<float>{3}, {1}).cast(DType::bf16)}};
    return model;
}

// The code of the ModelError that opening gives; empty if it opens.
std::string refusal(const fs::path& path, bool verify = true) {
    try {
        ModelFile::open(path, verify);
    } catch (const ModelError& error) {
        return error.code();
    }
    return "";
}

std::string message_of(const std::string& name) {
    try {
        return "found at " + find_model(name).string();
    } catch (const ModelError& error) {
        EXPECT_EQ(error.code(), "no_such_model");
        return error.what();
    }
}

std::string hash_of(const std::string& text) {
    return sha256_hex(std::as_bytes(std::span(text)));
}

void write_card(const fs::path& path, const std::string& card) {
    write_safetensors(path, {{}, {{"affectsr.card", card}}});
}

TEST(ModelFile, GivesBackCardAndTensors) {
    const ModelFolder folder;
    const ModelFile model = small_model();
    model.save(folder.file);
    const ModelFile back = ModelFile::open(folder.file);
    ModelCard card = back.card;
    EXPECT_EQ(card.sha256.size(), 64u);
    card.sha256.clear();
    EXPECT_EQ(to_json(card).dump(), to_json(model.card).dump());
    ASSERT_EQ(back.tensors.size(), 2u);
    EXPECT_EQ(back.tensors.at("conv.weight").floats(), (std::vector<float>{0, 1, -2, 0.5f}));
    EXPECT_EQ(back.tensors.at("conv.bias").type(), DType::bf16);
}

TEST(ModelFile, SavesTheSameModelAsTheSameBytes) {
    const ModelFolder folder;
    small_model().save(folder.file);
    const std::string first = content_of(folder.file);
    ModelFile::open(folder.file).save(folder.file);  // over the file that is mapped at this moment
    EXPECT_EQ(content_of(folder.file), first);
}

TEST(ModelFile, CarriesTheHashOfTheWholeFileWithItsOwnDigitsAsZeros) {
    const ModelFolder folder;
    small_model().save(folder.file);
    const std::string hash = ModelFile::open(folder.file).card.sha256;
    std::string bytes = content_of(folder.file);
    bytes.replace(bytes.find(hash), 64, std::string(64, '0'));
    EXPECT_EQ(hash_of(bytes), hash);
}

TEST(ModelFile, NoticesEveryFlippedBitWhereverItLies) {
    const ModelFolder folder;
    small_model().save(folder.file);
    const std::string good = content_of(folder.file);
    std::fstream file(folder.file, std::ios::in | std::ios::out | std::ios::binary);
    const auto put = [&](std::size_t place, char byte) {
        file.seekp(static_cast<std::streamoff>(place)).put(byte).flush();
    };
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        put(bit / 8, static_cast<char>(good[bit / 8] ^ (1 << bit % 8)));
        ASSERT_NE(refusal(folder.file), "") << "bit " << bit % 8 << " of byte " << bit / 8;
        put(bit / 8, good[bit / 8]);
    }
    EXPECT_EQ(refusal(folder.file), "");  // the flips were undone, so they alone were refused
}

TEST(ModelFile, CallsAChangedTensorAHashMismatchUnlessAskedNotToLook) {
    const ModelFolder folder;
    small_model().save(folder.file);
    std::string bytes = content_of(folder.file);
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    write(folder.file, bytes);
    EXPECT_EQ(refusal(folder.file), "hash_mismatch");
    EXPECT_EQ(refusal(folder.file, false), "");
}

TEST(ModelFile, CallsACardWithoutHashAMismatch) {
    const ModelFolder folder;
    write_card(folder.file, R"({"network":"small_net"})");
    EXPECT_EQ(refusal(folder.file), "hash_mismatch");
    EXPECT_EQ(ModelFile::open(folder.file, false).card.network, "small_net");
}

TEST(ModelFile, AsksForACard) {
    const ModelFolder folder;
    write_safetensors(folder.file, {{}, {{"format", "pt"}}});
    EXPECT_EQ(refusal(folder.file), "no_model_card");
}

TEST(ModelFile, RefusesACardThatIsDamagedOrHostile) {
    const ModelFolder folder;
    std::string many_keys = "{";
    for (int i = 0; i < 2000; ++i) many_keys += "\"k" + std::to_string(i) + "\":0,";
    for (const std::string& card :
         {std::string("{"), std::string(), std::string("[]"), std::string("7"), std::string(R"({"network":7})"),
          std::string(R"({"labels":["a",1]})"), std::string(R"({"options":[]})"), std::string(R"({"colour":"red"})"),
          std::string(R"({"source":"a","source":"b"})"), R"({"options":{"a":)" + std::string(10000, '['),
          R"({"options":)" + many_keys + R"("z":0}})"}) {
        write_card(folder.file, card);
        EXPECT_EQ(refusal(folder.file, false), "model_damaged") << card.substr(0, 40);
    }
}

TEST(ModelFile, RefusesALongHostileCardWithBoundedWork) {
    if (!costs_are_counted()) GTEST_SKIP() << "a sanitizer takes memory of its own";
    const ModelFolder folder;
    std::string card = R"({"figures":{"rows":[)";
    for (int i = 0; i < 160000; ++i)
        card += "{},";  // a reader that looks at all neighbours each time works for a minute
    write_card(folder.file, card);
    EXPECT_EQ(refusal(folder.file, false), "model_damaged");
    const Cost cost = cost_of_refusing([&] { ModelFile::open(folder.file, false); });
    EXPECT_TRUE(cost.refused);
    EXPECT_LE(cost.allocations, 1000u + 160000u);
    EXPECT_LE(cost.allocated_bytes, (std::size_t{64} << 10) + 64 * card.size());
}

TEST(ModelFile, ReadsACardThatLeavesFieldsOut) {
    const ModelCard card = card_from_json({{"network", "edsr"}, {"labels", {"a", "b"}}}, "here");
    EXPECT_EQ(card.network, "edsr");
    EXPECT_EQ(card.labels, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(card.options, Json::object());
}

TEST(ModelFile, RefusesWeightsThatAreNoNumbersToReadAndToSave) {
    const ModelFolder folder;
    ModelFile model = small_model();
    model.save(folder.file);
    std::string bytes = content_of(folder.file);
    const std::string sound = bytes;
    model.tensors["broken"] = HostTensor::from_floats(std::vector<float>{0, std::nanf("")}, {2});
    try {
        model.save(folder.file);
        FAIL();
    } catch (const ModelError& error) {
        EXPECT_EQ(error.code(), "not_finite");
        EXPECT_NE(std::string(error.what()).find("\"broken\""), std::string::npos);
    }
    EXPECT_EQ(content_of(folder.file), sound) << "the old file is left";
    // As an older affectsr wrote it: the hash is right, a number is not.
    Safetensors content = read_safetensors(folder.file);
    content.tensors["broken"] = model.tensors["broken"];
    content.metadata["affectsr.sha256"] = std::string(64, '0');
    write_safetensors(folder.file, content);
    bytes = content_of(folder.file);
    const std::string hash = sha256_hex(std::as_bytes(std::span(bytes)));
    const std::size_t digits_at = bytes.find("\"affectsr.sha256\":\"") + 19;
    bytes.replace(digits_at, 64, hash);
    std::ofstream(folder.file, std::ios::binary) << bytes;
    EXPECT_EQ(refusal(folder.file, true), "not_finite");
    EXPECT_EQ(refusal(folder.file, false), "");
}

TEST(ModelFile, LeavesTheOldFileWhereItCannotSave) {
    const ModelFolder folder;
    small_model().save(folder.file);
    const std::string before = content_of(folder.file);
    ModelFile broken = small_model();
    broken.card.source = "\xff";
    EXPECT_THROW(broken.save(folder.file), ModelError);
    fs::create_directory(folder.path() / "taken.safetensors");
    EXPECT_THROW(small_model().save(folder.path() / "taken.safetensors"), ResourceError);
    EXPECT_EQ(content_of(folder.file), before);
    EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 2);  // no temporary file is left
}

TEST(ModelFile, FindsAModelByNameInTheNamedFolder) {
    const ModelFolder folder;
    small_model().save(folder.file);
    const Environment environment(folder.path().string());
    const std::vector<std::string> installed = installed_models();
    EXPECT_TRUE(std::find(installed.begin(), installed.end(), "net") != installed.end());
    EXPECT_EQ(find_model("net"), folder.file);
}

TEST(ModelFile, TakesANameWithASlashOrTheEndingAsAPath) {
    const ModelFolder folder;
    small_model().save(folder.file);
    const Environment environment(folder.path().string());
    EXPECT_EQ(find_model(folder.file.string()), folder.file);
    fs::create_directory(folder.path() / "inner");
    const std::string around = (folder.path() / "inner" / ".." / "net.safetensors").string();
    EXPECT_EQ(find_model(around), around);  // a path may climb, for its writer chose the place
    EXPECT_NE(message_of("../net").find("\"../net\""), std::string::npos);  // not a name to be looked up in a folder
    EXPECT_NE(message_of("net.safetensors").find("no model file \"net.safetensors\""), std::string::npos);
}

TEST(ModelFile, NamesThePlacesWhereItLookedInVain) {
    const ModelFolder folder;
    const Environment environment(folder.path().string());
    const std::string message = message_of("no_such_net");
    EXPECT_NE(message.find("no_such_net.safetensors"), std::string::npos);
    EXPECT_NE(message.find(folder.path().string()), std::string::npos);
    EXPECT_NE(message.find(std::string(AFFECTSR_SOURCE_DIR) + "/models"), std::string::npos);
    EXPECT_NE(message.find("share/affectsr/models"), std::string::npos);
    for (const std::string& name :
         {std::string(), std::string(".."), std::string("net\0", 4), std::string(5000, 'n')}) {
        EXPECT_NE(message_of(name).find("there is no model"), std::string::npos);
    }
}

}  // namespace
}  // namespace affectsr
