#include "affectsr/experiment/kept_rows.h"

#include <gtest/gtest.h>

#include "affectsr/base/temporary_folder.h"

namespace affectsr {
namespace {

const Json kMadeOf = Json{{"model", "abc"}, {"scale", 4}};

TEST(KeptRows, ARowIsFoundByWhatItWasMadeOf) {
    const TemporaryFolder folder;
    const KeptRows rows(folder / "deep/rows");
    EXPECT_FALSE(rows.find("edsr", kMadeOf).has_value());
    rows.keep("edsr", kMadeOf, {{"psnr", 30.5}});
    EXPECT_EQ(rows.find("edsr", kMadeOf), Json({{"psnr", 30.5}}));
    EXPECT_FALSE(rows.find("srcnn", kMadeOf).has_value());
    EXPECT_FALSE(rows.find("edsr", {{"model", "abd"}, {"scale", 4}}).has_value());
}

TEST(KeptRows, ANewerRowTakesThePlaceOfAnOlder) {
    const TemporaryFolder folder;
    const KeptRows rows(folder.path());
    rows.keep("edsr", kMadeOf, 1);
    rows.keep("edsr", {{"model", "abd"}}, 2);
    EXPECT_FALSE(rows.find("edsr", kMadeOf).has_value());
    EXPECT_EQ(rows.find("edsr", {{"model", "abd"}}), Json(2));
}

TEST(KeptRows, AFileThatIsNoRowIsNone) {
    const TemporaryFolder folder;
    const KeptRows rows(folder.path());
    for (const char* content : {"", "[1, 2]", "{\"made_of\": ", "{\"row\": 1}", "\xff\xfe"}) {
        folder.fill("edsr.json", content);
        EXPECT_FALSE(rows.find("edsr", kMadeOf).has_value()) << content;
    }
}

}  // namespace
}  // namespace affectsr
