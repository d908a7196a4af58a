// The readers on synthetic label files whose right answers an independent program wrote down (testdata/fer_datasets).
#include <gtest/gtest.h>

#include <fstream>

#include "affectsr/base/file.h"
#include "affectsr/data/affectnet.h"
#include "affectsr/data/catalog.h"
#include "affectsr/data/celeba.h"
#include "affectsr/data/ck_plus.h"
#include "affectsr/data/exp_w.h"
#include "affectsr/data/fer2013.h"
#include "affectsr/data/ferplus.h"
#include "affectsr/data/jaffe.h"
#include "affectsr/data/kdef.h"
#include "affectsr/data/raf_db.h"
#include "affectsr/data/text_list.h"

namespace affectsr {
namespace {

const std::filesystem::path kSamples = std::filesystem::path(AFFECTSR_SOURCE_DIR) / "testdata" / "fer_datasets";

const Json& expected() {
    static const Json json = Json::parse(std::ifstream(kSamples / "expected.json"));
    return json;
}

std::unique_ptr<Dataset> open(const std::string& name, const char* folder, const std::string& split = "") {
    return open_dataset(name, {{"root", (kSamples / folder).string()}, {"split", split}});
}

// The canonical number, -1 for none, as expected.json writes it.
int canonical(const std::optional<Emotion>& emotion) {
    return emotion ? static_cast<int>(*emotion) : -1;
}

void expect_points(const Landmarks& points, const Json& wanted) {
    ASSERT_EQ(points.size(), wanted.size());
    for (std::size_t i = 0; i < points.size(); ++i) {
        EXPECT_FLOAT_EQ(points[i].x, wanted[i][0].get<float>());
        EXPECT_FLOAT_EQ(points[i].y, wanted[i][1].get<float>());
    }
}

TEST(FerDatasets, RafDb) {
    const auto dataset = open("raf_db", "rafdb");
    const Json& wanted = expected()["rafdb"];
    ASSERT_EQ(dataset->size(), wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const SampleInfo& info = dataset->info(i);
        EXPECT_EQ(info.path, kSamples / "rafdb" / "basic" / wanted[i][0].get<std::string>());
        EXPECT_EQ(info.split, wanted[i][1].get<std::string>());
        EXPECT_EQ(canonical(info.label), wanted[i][2].get<int>());
        EXPECT_EQ(info.row, static_cast<std::int64_t>(i) + 1);
    }
    EXPECT_EQ(open("raf_db", "rafdb", "test")->size(), 3u);
}

TEST(FerDatasets, RafDbAttributes) {
    const ListText text = read_list(kSamples / "rafdb/basic/Annotation/manual/train_00001_manu_attri.txt");
    const auto attributes = raf_db_attributes(text.view());
    ASSERT_TRUE(attributes);
    const Json& wanted = expected()["rafdb_manual"];
    expect_points(attributes->landmarks_in_original, wanted["landmarks"]);
    EXPECT_EQ(attributes->gender, wanted["gender"].get<int>());
    EXPECT_EQ(attributes->race, wanted["race"].get<int>());
    EXPECT_EQ(attributes->age_group, wanted["age"].get<int>());
}

TEST(FerDatasets, Fer2013) {
    const auto dataset = open("fer2013", "fer2013");
    const Json& wanted = expected()["fer2013"];
    ASSERT_EQ(dataset->size(), wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const Sample sample = dataset->at(i);
        EXPECT_EQ(canonical(sample.info.label), wanted[i]["canonical"].get<int>());
        EXPECT_EQ(sample.info.split, wanted[i]["usage"].get<std::string>());
        ASSERT_EQ(sample.picture.size(), (ImageSize{48, 48}));
        EXPECT_EQ(*sample.picture.pixel(0, 0), wanted[i]["first"].get<int>());
        EXPECT_EQ(*sample.picture.pixel(47, 47), wanted[i]["last"].get<int>());
        EXPECT_EQ(*sample.picture.pixel(0, 1), wanted[i]["at_row1_col0"].get<int>());
        std::int64_t sum = 0;
        for (std::size_t p = 0; p < sample.picture.rgb.size(); p += 3) sum += sample.picture.rgb[p];
        EXPECT_EQ(sum, wanted[i]["sum"].get<std::int64_t>());
    }
}

TEST(FerDatasets, FerPlus) {
    const auto dataset = open("fer2013", "fer2013");
    const Json& wanted = expected()["ferplus_majority"];
    ASSERT_EQ(dataset->size(), wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        ASSERT_TRUE(dataset->info(i).votes);
        EXPECT_EQ(canonical(ferplus_majority(*dataset->info(i).votes)), wanted[i].get<int>());
    }
    EXPECT_FALSE(dataset->info(2).usable) << "FER+ gave this row no image name";
    EXPECT_TRUE(dataset->info(3).usable);
}

TEST(FerDatasets, AffectNetFullRelease) {
    const Json& wanted = expected()["affectnet_csv"];
    const auto dataset = open("affectnet", "affectnet");
    std::vector<int> labels(wanted.size(), -1);  // a dropped row leaves its -1
    for (std::size_t i = 0; i < dataset->size(); ++i) {
        labels.at(static_cast<std::size_t>(dataset->info(i).row - 2)) = canonical(dataset->info(i).label);
    }
    EXPECT_EQ(labels, wanted.get<std::vector<int>>());
    EXPECT_EQ(dataset->card().skipped, 1);
}

TEST(FerDatasets, AffectNetReducedRelease) {
    for (const auto& [name, value] : expected()["affectnet_npy"].items()) {
        const auto bytes = read_bytes(kSamples / "affectnet/train_set/annotations" / (name + ".npy"), 1 << 16);
        const auto number = npy_number(bytes);
        ASSERT_TRUE(number) << name;
        EXPECT_NEAR(*number, value.get<double>(), 1e-9) << name;
    }
}

TEST(FerDatasets, Kdef) {
    const ListText text = read_list(kSamples / "kdef/names.txt");
    const auto lines = lines_of(text.view());
    const Json& wanted = expected()["kdef"];
    ASSERT_EQ(lines.size(), wanted.size());
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto name = kdef_name(lines[i].text);
        ASSERT_EQ(name.has_value(), !wanted[i].is_null()) << lines[i].text;
        if (!name) continue;
        EXPECT_EQ(std::string(1, name->session), wanted[i]["session"].get<std::string>());
        EXPECT_EQ(std::string(1, name->gender), wanted[i]["gender"].get<std::string>());
        EXPECT_EQ(name->person(), wanted[i]["person"].get<std::string>());
        EXPECT_EQ(canonical(name->emotion), wanted[i]["canonical"].get<int>());
        EXPECT_EQ(name->angle, wanted[i]["angle"].get<std::string>());
    }
}

TEST(FerDatasets, Jaffe) {
    const ListText text = read_list(kSamples / "jaffe/names.txt");
    const auto lines = lines_of(text.view());
    const Json& wanted = expected()["jaffe"];
    ASSERT_EQ(lines.size(), wanted.size());
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto name = jaffe_name(lines[i].text);
        ASSERT_EQ(name.has_value(), !wanted[i].is_null()) << lines[i].text;
        if (!name) continue;
        EXPECT_EQ(name->person, wanted[i]["person"].get<std::string>());
        EXPECT_EQ(canonical(name->emotion), wanted[i]["canonical"].get<int>());
        EXPECT_EQ(name->index, wanted[i]["index"].get<int>());
        EXPECT_EQ(name->number, wanted[i]["number"].get<int>());
    }
}

TEST(FerDatasets, CelebA) {
    const auto dataset = open("celeba", "celeba");
    const Json& wanted = expected()["celeba"];
    const std::vector<std::string> splits = {"train", "val", "test"};
    ASSERT_EQ(dataset->size(), wanted["partition"].size());
    for (std::size_t i = 0; i < dataset->size(); ++i) {
        EXPECT_EQ(dataset->info(i).split, splits.at(wanted["partition"][i].get<std::size_t>()));
        EXPECT_EQ(dataset->info(i).label, std::nullopt);
    }
    const ListText text = read_list(kSamples / "celeba/list_landmarks_align_celeba.txt");
    const auto landmarks = celeba_landmarks(text.view(), "list");
    ASSERT_EQ(landmarks.size(), wanted["landmarks"].size());
    std::size_t i = 0;
    for (const auto& [name, points] : landmarks) expect_points(points, wanted["landmarks"][i++]);
}

TEST(FerDatasets, ExpW) {
    const ListText text = read_list(kSamples / "expw/label/label.lst");
    const auto lines = lines_of(text.view());
    const Json& wanted = expected()["expw"];
    ASSERT_EQ(lines.size(), wanted.size());
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto face = exp_w_face(lines[i].text);
        ASSERT_TRUE(face) << lines[i].text;
        EXPECT_EQ(face->picture, wanted[i]["image"].get<std::string>());
        EXPECT_EQ(face->face, wanted[i]["face"].get<int>());
        EXPECT_FLOAT_EQ(face->box.x, wanted[i]["left"].get<float>());
        EXPECT_FLOAT_EQ(face->box.y, wanted[i]["top"].get<float>());
        EXPECT_FLOAT_EQ(face->box.x + face->box.width, wanted[i]["right"].get<float>());
        EXPECT_FLOAT_EQ(face->box.y + face->box.height, wanted[i]["bottom"].get<float>());
        EXPECT_DOUBLE_EQ(face->confidence, wanted[i]["confidence"].get<double>());
        EXPECT_EQ(canonical(face->label), wanted[i]["canonical"].get<int>());
    }
    EXPECT_EQ(open("exp_w", "expw")->size(), wanted.size());
}

TEST(FerDatasets, CkPlus) {
    const ListText text = read_list(kSamples / "ckplus/Emotion/S005/001/S005_001_00000011_emotion.txt");
    EXPECT_EQ(canonical(ck_plus_label(text.view())), expected()["ckplus"]["canonical"].get<int>());
}

}  // namespace
}  // namespace affectsr
