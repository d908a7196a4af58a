#include "affectsr/cli/compare_text.h"

#include <gtest/gtest.h>

namespace affectsr::cli {
namespace {

Json face(const char* status, const char* judge) {
    return {{"before", "a.jpg"},
            {"after", "a\x1B[2J.png"},
            {"status", status},
            {"error", nullptr},
            {"face", 1},
            {"judge", judge},
            {"verdict", "changed"},
            {"reason", nullptr},
            {"label_before", "fear"},
            {"confidence_before", 0.91},
            {"label_after", "anger"},
            {"confidence_after", 0.8},
            {"divergence_bits", 0.5},
            {"entropy_change_bits", 0.1},
            {"landmark_shift", 0.04},
            {"face_px", 20.4}};
}

TEST(CompareText, AFaceIsALine) {
    EXPECT_EQ(compared_text({face("compared", "one")}),
              "a.jpg → a?[2J.png: 1 face\n"
              "    1  changed: fear 91 % → anger 80 %, 0.500 bits, shift 0.040, 20 px before\n");
}

TEST(CompareText, JudgesAreNamedWhereThereAreSeveral) {
    const std::string text = compared_text({face("compared", "one"), face("compared", "other")});
    EXPECT_NE(text.find("    1  other: changed: fear"), std::string::npos) << text;
}

TEST(CompareText, WhatIsNoPairOfFacesIsSaid) {
    EXPECT_NE(compared_text({face("vanished", "one")}).find("    1  fear 91 % → vanished\n"), std::string::npos);
    EXPECT_NE(compared_text({face("appeared", "one")}).find("    1  appeared: anger 80 %\n"), std::string::npos);
    Json failed = face("failed", "one");
    failed["after"] = nullptr;
    failed["error"] = {{"code", "no_partner"}, {"message", "a.jpg: alone"}};
    EXPECT_EQ(compared_text({failed}), "a.jpg: failed (no_partner): a.jpg: alone\n");
    EXPECT_EQ(compared_text({face("no_face", "one")}), "a.jpg → a?[2J.png: no face\n");
}

}  // namespace
}  // namespace affectsr::cli
