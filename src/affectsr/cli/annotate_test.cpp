#include "affectsr/cli/annotate.h"

#include <gtest/gtest.h>

#include "affectsr/data/marked_photos.h"
#include "affectsr/detect/catalog.h"
#include "affectsr/detect/detection_network.h"
#include "affectsr/detect/import_detector.h"
#include "affectsr/image/encode.h"
#include "affectsr/image/test_stripes.h"
#include "affectsr/plan/first_weights.h"
#include "affectsr/program/run_affectsr.h"

namespace affectsr::cli {
namespace {

/// Three pictures, one of them broken, and a detector that has learned nothing.
void fill(const TemporaryFolder& folder) {
    folder.fill("photos/a.png", text_of(encode_png(stripes(64, 64, 1))));
    folder.fill("photos/in/b.png", text_of(encode_png(stripes(64, 64, 2))));
    folder.fill("photos/c.png", "no picture");
    const auto network = find(detection_network_catalog(), "yunet", "detector").make(Json::object());
    import_detector("yunet", Json::object(), first_weights(network->plan, 1), "made up")
        .model.save(folder / "yunet.safetensors");
}

constexpr const char* kAnnotate =
    "affectsr annotate faces photos -o faces.json --detector-model yunet.safetensors --least-score 0.01 ";

TEST(Annotate, EveryPhotographOfAFolderIsMarkedAndABrokenOneFails) {
    const TemporaryFolder folder;
    fill(folder);
    const Ran ran = run(folder, kAnnotate);
    EXPECT_EQ(ran.exit_code, 3) << ran.err;
    EXPECT_NE(ran.err.find("c.png"), std::string::npos) << ran.err;
    const std::vector<MarkedPhoto> photos = read_marked_photos(folder / "faces.json");
    ASSERT_EQ(photos.size(), 2U);
    EXPECT_EQ(photos[0].file, "a.png");
    EXPECT_EQ(photos[1].file, "in/b.png");
    EXPECT_EQ(photos[0].width, 64);
    EXPECT_EQ(open_marked_photo(photos[1], folder / "photos").height, 64) << "the hash is the file's";
}

TEST(Annotate, AResumedRunKeepsWhatPeopleCorrected) {
    const TemporaryFolder folder;
    fill(folder);
    run(folder, kAnnotate);
    std::vector<MarkedPhoto> photos = read_marked_photos(folder / "faces.json");
    photos[0].faces.resize(1);
    photos[0].faces[0].box_in_photo = {1, 2, 3, 4};
    photos[0].faces[0].ignore = true;
    photos.resize(1);
    folder.fill("faces.json", to_json(photos).dump());
    EXPECT_EQ(run(folder, kAnnotate).exit_code, 2) << "it is not replaced unasked";
    EXPECT_EQ(run(folder, std::string(kAnnotate) + "--resume").exit_code, 3);
    const std::vector<MarkedPhoto> again = read_marked_photos(folder / "faces.json");
    ASSERT_EQ(again.size(), 2U);
    ASSERT_EQ(again[0].faces.size(), 1U);
    EXPECT_TRUE(again[0].faces[0].ignore);
}

TEST(Annotate, WithoutAFolderOrAFileItSaysWhatIsMissing) {
    const TemporaryFolder folder;
    fill(folder);
    EXPECT_EQ(run(folder, "affectsr annotate faces photos --detector-model yunet.safetensors").exit_code, 2);
    EXPECT_EQ(run(folder, "affectsr annotate faces nowhere -o a.json --detector-model yunet.safetensors").exit_code, 2);
}

}  // namespace
}  // namespace affectsr::cli
