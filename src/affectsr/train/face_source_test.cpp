#include "affectsr/train/face_source.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "affectsr/base/error.h"
#include "affectsr/image/codec.h"

namespace affectsr {
namespace {

/// A manifest of tiny grey faces, one brightness per label, removed at the end.
class FaceSourceTest : public ::testing::Test {
 protected:
    void SetUp() override {
        folder_ = std::filesystem::temp_directory_path() / ("affectsr_face_source_" + std::to_string(::getpid()));
        std::filesystem::create_directories(folder_);
        std::ofstream manifest(folder_ / "manifest.csv");
        manifest << "path,label,split,subject\n";
        for (int i = 0; i < 24; ++i) {
            const std::string name = "face" + std::to_string(i) + ".png";
            write_image(folder_ / name, Image(16, 16, static_cast<std::uint8_t>(10 * i)));
            manifest << name << "," << (i % 2 ? "happiness" : "anger") << ",train,person" << i / 2 << "\n";
        }
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    FaceSourceOptions options() const {
        TrainingSource source;
        source.options = {{"root", folder_.string()}, {"split", "train"}};
        source.expression = "label";
        source.own_labels_head = "own";
        FaceSourceOptions o;
        o.sources = {source};
        o.batch_size = 8;
        return o;
    }
    static FaceNeeds needs() {
        FaceNeeds n;
        n.heads = {"expression", "own"};
        n.px = 16;
        return n;
    }

    std::filesystem::path folder_;
};

TEST_F(FaceSourceTest, HaveOneTargetPerHead) {
    const FaceSource source(options(), needs());
    EXPECT_EQ(source.steps_per_epoch(), 3u);
    const Batch batch = source.at({0, 0});
    EXPECT_EQ(batch.at("face").sizes().vec(), (std::vector<std::int64_t>{8, 1, 16, 16}));
    EXPECT_EQ(batch.count, 8);
    EXPECT_EQ(batch.tensors.size(), 3u);
    EXPECT_TRUE(at::equal(batch.at("target.expression"), batch.at("target.own")));
    EXPECT_TRUE(at::equal(batch.at("target.own").sum(1), at::ones({8})));
}

TEST_F(FaceSourceTest, AreTheSameForTheSameSeedInAnyOrder) {
    const FaceSource first(options(), needs()), second(options(), needs());
    (void)second.at({4, 2});
    EXPECT_TRUE(at::equal(first.at({1, 1}).at("face"), second.at({1, 1}).at("face")));
    FaceSourceOptions other = options();
    other.seed = 2;
    EXPECT_FALSE(at::equal(first.at({1, 1}).at("face"), FaceSource(other, needs()).at({1, 1}).at("face")));
}

TEST_F(FaceSourceTest, ShowEveryFaceOnceAnEpoch) {
    FaceSourceOptions o = options();
    o.augmentation = {};
    o.augmentation.brightness = o.augmentation.contrast = o.augmentation.erase = 0;
    o.augmentation.noise_share = o.augmentation.jpeg_share = o.augmentation.small_share = 0;
    const FaceSource source(o, needs());
    std::vector<int> seen(24, 0);
    for (std::size_t step = 0; step < 3; ++step) {
        const Batch batch = source.at({0, step});
        for (int row = 0; row < 8; ++row)
            ++seen.at(static_cast<std::size_t>(batch.at("face")[row].mean().item<float>() * 25.5f + 0.5f));
    }
    EXPECT_EQ(seen, std::vector<int>(24, 1));
}

TEST_F(FaceSourceTest, HoldOutWholePeople) {
    FaceSourceOptions o = options();
    o.validation_share = 0.4;
    const FaceSource source(o, needs());
    EXPECT_GT(source.held_out_count(), 0u);
    EXPECT_EQ(source.held_out_count() % 2, 0u) << "every person has two faces";
    EXPECT_EQ(source.held_out_count() + source.faces(), 24u);
}

TEST_F(FaceSourceTest, MixingKeepsTargetsDistributions) {
    FaceSourceOptions o = options();
    FaceNeeds mixed = needs();
    mixed.mix = 0.4;
    const at::Tensor sums = FaceSource(o, mixed).at({0, 1}).at("target.own").sum(1);
    EXPECT_TRUE(at::allclose(sums, at::ones({8})));
}

std::string refused_with(const FaceSourceOptions& o, const FaceNeeds& needs, std::string* lines = nullptr) {
    testing::internal::CaptureStderr();
    std::string what;
    try {
        const FaceSource source(o, needs);
    } catch (const Error& error) {
        what = error.code() + ": " + error.what();
    }
    const std::string logged = testing::internal::GetCapturedStderr();
    if (lines) *lines = logged;
    return what;
}

TEST_F(FaceSourceTest, EveryBrokenFaceIsNamedBeforeTheRefusal) {
    std::ofstream(folder_ / "face3.png") << "not a picture";
    std::filesystem::remove(folder_ / "face20.png");
    std::string lines;
    const std::string what = refused_with(options(), needs(), &lines);
    EXPECT_TRUE(what.starts_with("broken_pictures: 2 pictures ")) << what;
    EXPECT_NE(what.find("face3.png"), std::string::npos) << what;
    EXPECT_NE(what.find("--skip-broken"), std::string::npos) << what;
    for (const char* name : {"line 5: ", "face3.png", "line 22: ", "face20.png"})
        EXPECT_NE(lines.find(name), std::string::npos) << lines;
}

TEST_F(FaceSourceTest, BrokenFacesCanBeSkippedAndTheDescriptionCountsThem) {
    std::ofstream(folder_ / "face3.png") << "not a picture";
    FaceSourceOptions o = options();
    o.skip_broken = true;
    testing::internal::CaptureStderr();
    const FaceSource source(o, needs());
    const std::string lines = testing::internal::GetCapturedStderr();
    EXPECT_NE(lines.find("face3.png"), std::string::npos) << lines;
    EXPECT_EQ(source.faces(), 23u);
    const Json& described = source.description().at(0);
    EXPECT_EQ(described["listed"], 24);
    EXPECT_EQ(described["broken"], 1);
    EXPECT_EQ(described["faces"], 23);
}

TEST_F(FaceSourceTest, TheDescriptionAccountsForEveryRow) {
    {
        std::ofstream manifest(folder_ / "manifest.csv");
        manifest << "path,label,split,blank\n";
        for (int i = 0; i < 20; ++i)
            manifest << "face" << i << ".png," << (i == 7 ? "" : "anger") << "," << (i < 18 ? "train" : "test") << ","
                     << (i == 3 ? 1 : 0) << "\n";
    }
    FaceSourceOptions o = options();
    o.validation_share = 0.2;
    const Json source = FaceSource(o, needs()).description().at(0);
    EXPECT_EQ(source["listed"], 20);
    EXPECT_EQ(source["rows"], 18);
    EXPECT_EQ(source["not_usable"], 1);
    EXPECT_EQ(source["without_target"], 1);
    EXPECT_EQ(source["faces"].get<int>() + source["held_out"].get<int>(), 16);
}

TEST_F(FaceSourceTest, TheSoftestFacesCanBeLeftOutOfWhatIsLearned) {
    for (int i = 0; i < 24; ++i) {  // fine stripes, the fainter the softer
        Image stripes(16, 16, 100);
        for (std::size_t k = 0; k < stripes.rgb.size(); ++k)
            if (k / 3 % 2 == 0) stripes.rgb[k] = static_cast<std::uint8_t>(100 + 4 * i);
        write_image(folder_ / ("face" + std::to_string(i) + ".png"), stripes);
    }
    EXPECT_NEAR(fine_detail(to_planes(read_image(folder_ / "face20.png"), 1)), 40 * 40, 1);
    EXPECT_EQ(fine_detail(to_planes(Image(1, 1, 7), 3)), 0) << "no block";
    FaceSourceOptions o = options();
    o.sources[0].sharpest = 0.75;
    o.augmentation.rotate_deg = o.augmentation.zoom = o.augmentation.shift = 0;  // which would blur the stripes
    o.augmentation.brightness = o.augmentation.contrast = o.augmentation.erase = o.augmentation.small_share = 0;
    o.augmentation.noise_share = o.augmentation.jpeg_share = o.augmentation.blur_share = 0;
    const FaceSource source(o, needs());
    EXPECT_EQ(source.description().at(0)["too_soft"], 6);
    EXPECT_EQ(source.description().at(0)["faces"], 18);
    float least = 255;
    for (std::uint64_t step = 0; step < source.steps_per_epoch(); ++step)
        least = std::min(least, source.at({0, step}).at("face").amax({1, 2, 3}).min().item<float>());
    EXPECT_GE(least * 255, 100 + 4 * 6 - 1) << "six of 24 are softer";

    o.validation_share = 0.3;
    const FaceSource judged(o, needs());
    const Json parts = judged.description().at(0);
    EXPECT_EQ(parts["too_soft"].get<int>() + parts["faces"].get<int>() + parts["held_out"].get<int>(), 24);
    EXPECT_EQ(parts["too_soft"].get<int>(), (24 - parts["held_out"].get<int>()) / 4) << "whoever is held out stays";
}

TEST_F(FaceSourceTest, TheDescriptionChangesWithLabelsAndPixelsButNotWithThePlace) {
    const Json before = FaceSource(options(), needs()).description().at(0);
    const auto text_of_list = [&] {
        std::ifstream file(folder_ / "manifest.csv");
        return std::string(std::istreambuf_iterator<char>(file), {});
    };
    const std::string list = text_of_list();
    write_image(folder_ / "face3.png", Image(16, 16, 99));
    Json now = FaceSource(options(), needs()).description().at(0);
    EXPECT_EQ(now["labels_sha256"], before["labels_sha256"]);
    EXPECT_NE(now["pictures_sha256"], before["pictures_sha256"]);
    write_image(folder_ / "face3.png", Image(16, 16, 30));
    std::string other = list;
    other.replace(other.find("face4.png,anger"), 15, "face4.png,sad");
    std::ofstream(folder_ / "manifest.csv") << other;
    now = FaceSource(options(), needs()).description().at(0);
    EXPECT_NE(now["labels_sha256"], before["labels_sha256"]);
    EXPECT_EQ(now["pictures_sha256"], before["pictures_sha256"]);
    std::ofstream(folder_ / "manifest.csv") << list;
    std::filesystem::rename(folder_, folder_.string() + "_moved");
    folder_ += "_moved";
    now = FaceSource(options(), needs()).description().at(0);
    EXPECT_EQ(now["labels_sha256"], before["labels_sha256"]);
    EXPECT_EQ(now["pictures_sha256"], before["pictures_sha256"]);
}

TEST_F(FaceSourceTest, ATrainedHeadWithoutTargetsIsRefusedBeforeAPictureIsRead) {
    std::filesystem::remove(folder_ / "face3.png");
    FaceSourceOptions o = options();
    FaceNeeds trained = needs();
    trained.trained_heads = {"expression", "own"};
    o.sources[0].own_labels_head = "";
    const std::string what = refused_with(o, trained);
    EXPECT_TRUE(what.starts_with("bad_setting: the loss on the head \"own\"")) << what;
    EXPECT_NE(what.find(folder_.filename().string()), std::string::npos) << "the sources are named: " << what;
    o.sources[0].own_labels_head = "own";
    EXPECT_TRUE(refused_with(o, trained).starts_with("broken_pictures")) << "now the picture is missed";
}

TEST_F(FaceSourceTest, ASourceThatTeachesNothingIsRefused) {
    FaceSourceOptions o = options();
    o.sources.push_back(o.sources[0]);
    o.sources[1].expression = "votes";
    o.sources[1].own_labels_head = "";
    EXPECT_NE(refused_with(o, needs()).find("24 have no target (\"expression\" is \"votes\""), std::string::npos)
        << refused_with(o, needs());
    o.sources[1].own_labels_head = "mine";
    EXPECT_NE(refused_with(o, needs()).find("\"mine\", which the network does not have; it has: expression, own"),
              std::string::npos);
    o.sources[1].own_labels_head = "expression";
    EXPECT_NE(refused_with(o, needs()).find("set \"expression\" to \"label\""), std::string::npos);
    o.sources[1] = o.sources[0];
    o.sources[1].share = 0.01;
    EXPECT_NE(refused_with(o, needs()).find("an epoch sees no face"), std::string::npos);
}

TEST_F(FaceSourceTest, AFolderThatCannotBeEnteredIsBrokenDataToo) {
    for (int i = 0; i < 8; ++i) {
        std::filesystem::create_directories(folder_ / "set/train/happy");
        write_image(folder_ / "set/train/happy" / (std::to_string(i) + ".png"), Image(16, 16, 9));
    }
    std::filesystem::create_directory_symlink("nowhere", folder_ / "set/train/sad");
    FaceSourceOptions o = options();
    o.sources[0].dataset = "fer2013_folders";
    o.sources[0].options["root"] = (folder_ / "set").string();
    std::string lines;
    EXPECT_TRUE(refused_with(o, needs(), &lines).starts_with("broken_pictures: 0 pictures"))
        << refused_with(o, needs());
    EXPECT_NE(lines.find("train/sad: cannot be entered: the link leads nowhere"), std::string::npos) << lines;
    o.skip_broken = true;
    EXPECT_EQ(FaceSource(o, needs()).description().at(0)["not_entered"], 1);
}

TEST_F(FaceSourceTest, DecodingEndsOnceAStopIsRequested) {
    std::filesystem::remove(folder_ / "face3.png");
    FaceSourceOptions o = options();
    std::stop_source stop;
    stop.request_stop();
    o.stop = stop.get_token();
    EXPECT_NO_THROW(FaceSource(o, needs()));
}

TEST_F(FaceSourceTest, FewerFacesThanABatchAreRefused) {
    FaceSourceOptions o = options();
    o.batch_size = 25;
    EXPECT_THROW(FaceSource(o, needs()), UsageError);
}

TEST_F(FaceSourceTest, SharesOfAllRanksAreTheBatchOfOne) {
    for (const double mix : {0.0, 0.4}) {
        FaceNeeds n = needs();
        n.mix = mix;
        const FaceSource source(options(), n);
        const at::Tensor whole = source.at({2, 1}).at("face");
        std::vector<at::Tensor> halves;
        for (const int rank : {0, 1}) halves.push_back(source.at({2, 1}, {rank, 2}).at("face"));
        // Rank 0 has the first and the last quarter.
        EXPECT_TRUE(at::equal(halves[0], at::cat({whole.narrow(0, 0, 2), whole.narrow(0, 6, 2)}))) << "mix " << mix;
        EXPECT_TRUE(at::equal(halves[1], whole.narrow(0, 2, 4))) << "mix " << mix;
    }
    EXPECT_THROW(FaceSource(options(), needs()).at({0, 0}, {0, 3}), UsageError) << "8 faces for 3 processes";
}

TEST_F(FaceSourceTest, FacesBeyondTheMemoryAreDecodedAgainAndTheSame) {
    FaceSourceOptions small = options();
    small.memory_bytes = 5 * 16 * 16;
    const FaceSource all(options(), needs()), few(small, needs());
    EXPECT_TRUE(at::equal(all.at({1, 2}).at("face"), few.at({1, 2}).at("face")));
    std::filesystem::remove_all(folder_);
    EXPECT_NO_THROW(all.at({1, 2}));
    EXPECT_THROW(few.at({1, 2}), InputError) << "only five of 24 faces are kept";
}

TEST_F(FaceSourceTest, CopiesOfAFaceStandSideBySideAndDiffer) {
    FaceSourceOptions o = options();
    o.copies = 2;
    const FaceSource source(o, needs());
    EXPECT_EQ(source.steps_per_epoch(), 6u);
    const Batch batch = source.at({0, 0});
    for (int row = 0; row < 8; row += 2) {
        EXPECT_TRUE(at::equal(batch.at("target.own")[row], batch.at("target.own")[row + 1]));
        EXPECT_FALSE(at::equal(batch.at("face")[row], batch.at("face")[row + 1]));
    }
    o.copies = 3;
    EXPECT_THROW(FaceSource(o, needs()), UsageError) << "8 is no multiple of 3";
}

TEST_F(FaceSourceTest, LowAndHighResolutionShowTheSameFaceWithoutALabel) {
    FaceSourceOptions o = options();
    o.sources[0].expression = "nothing";
    o.sources[0].own_labels_head = "";
    o.augmentation.noise_share = o.augmentation.jpeg_share = o.augmentation.blur_share = o.augmentation.erase = 0;
    FaceNeeds n;
    n.px = 16, n.channels = 3, n.face = false, n.hr = true, n.lr_factor = 4, n.without_target = true;
    const Batch batch = FaceSource(o, n).at({0, 0});
    EXPECT_EQ(batch.at("hr").sizes().vec(), (std::vector<std::int64_t>{8, 3, 16, 16}));
    EXPECT_EQ(batch.at("lr").sizes().vec(), (std::vector<std::int64_t>{8, 3, 4, 4}));
    EXPECT_TRUE(at::allclose(at::avg_pool2d(batch.at("hr"), 4), batch.at("lr"), 0, 0.02)) << "the faces are flat";
    n.lr_factor = 3;
    EXPECT_THROW(FaceSource(o, n), UsageError) << "16 is no multiple of 3";
    n.lr_factor = 4, n.without_target = false;
    EXPECT_THROW(FaceSource(o, n), UsageError) << "no face has a target";
}

/// Answers "happiness" with as much certainty as the face is bright.
struct BrightnessTeacher : FaceTeacher {
    int input_px() const override { return 8; }
    std::vector<std::string> heads() const override { return {"expression"}; }
    std::map<std::string, at::Tensor> answer(const at::Tensor& faces) const override {
        EXPECT_EQ(faces.size(2), 8);
        const at::Tensor sure = faces.mean({1, 2, 3}).view({-1, 1});
        return {{"expression", at::cat({1 - sure, sure, at::zeros({faces.size(0), 5})}, 1)}};
    }
};

TEST_F(FaceSourceTest, ATeacherIsAskedOnceForEveryFaceAndItsAnswersGoWithTheFace) {
    FaceNeeds n = needs();
    const auto teacher = std::make_unique<BrightnessTeacher>();
    n.teacher = teacher.get();
    FaceSourceOptions o = options();
    o.augmentation.brightness = o.augmentation.contrast = o.augmentation.erase = 0;
    o.augmentation.noise_share = o.augmentation.jpeg_share = 0;
    const Batch batch = FaceSource(o, n).at({0, 0});
    const at::Tensor sure = batch.at("face").mean({1, 2, 3});
    EXPECT_TRUE(at::allclose(batch.at("teacher.expression").select(1, 1), sure, 0, 0.01));
    EXPECT_TRUE(at::allclose(batch.at("teacher.expression").sum(1), at::ones({8})));
}

}  // namespace
}  // namespace affectsr
