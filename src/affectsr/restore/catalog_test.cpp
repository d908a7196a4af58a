#include "affectsr/restore/catalog.h"

#include <gtest/gtest.h>

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
        const Image restored = restorer->restore(crop);
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

}  // namespace
}  // namespace affectsr
