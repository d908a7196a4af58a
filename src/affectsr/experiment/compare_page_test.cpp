#include "affectsr/experiment/compare_page.h"

#include <gtest/gtest.h>

#include "affectsr/experiment/test_compare.h"

namespace affectsr {
namespace {

using namespace test_compare;

std::size_t count_of(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++count;
    return count;
}

TEST(ComparePage, ShowsFiguresWorstPairsAndWhatWasLeftOutWithEveryNameAsText) {
    const CompareOptions options;
    const CompareParty together = party();
    FaceComparison comparison(together, options);
    const std::string evil = "<script>alert(1)</script>.png";
    const auto compare = [&](const Image& before, const Image& after) {
        comparison.add(evil, evil, compare_faces(before, after, evil, together, options));
    };
    compare(picture_of(Emotion::happiness, 90), picture_of(Emotion::sadness, 90, 512));
    compare(picture_of(Emotion::happiness, 90), empty_picture(512));
    comparison.add_failed(evil, "", "no_partner", evil + ": no picture after has its name");
    const Report report = comparison.report(provenance_now("affectsr compare '" + evil + "'"), true);
    const std::string page = comparison_page(report, comparison.worst(), "flip rate too high");
    EXPECT_EQ(page.find("<script"), std::string::npos);
    EXPECT_GE(count_of(page, "&lt;script&gt;"), 6U);
    EXPECT_EQ(count_of(page, "<img src=\"data:image/png;base64,"), 2U) << "one pair";
    for (const char* said :
         {"1 face compared, 1 vanished, 0 appeared", "judge1: happiness 90 % → sadness 90 %", "changed", "no_partner",
          "Interrupted", "flip rate too high", "Labels by judge1", "abc", "small_face_net", "vanished"})
        EXPECT_NE(page.find(said), std::string::npos) << said;
}

}  // namespace
}  // namespace affectsr
