#include "affectsr/metric/catalog.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "affectsr/face/mesh.h"

namespace affectsr {
namespace {

TEST(Catalog, EveryMetricIsBuiltFromItsDefaultsAndJudgesOneTinyFace) {
    const Image hr(16, 16, 100), sr(16, 16, 90);
    const Landmarks mesh(canonical_mesh().begin(), canonical_mesh().end());
    for (const Entry<Metric>& entry : metric_catalog()) {
        const std::unique_ptr<Metric> metric = entry.make(entry.default_options);
        EXPECT_EQ(metric->card().name, entry.name);
        EXPECT_FALSE(entry.source.empty()) << entry.name;
        EXPECT_EQ(entry.help().size(), entry.default_options.size()) << entry.name;
        if (entry.name != "confusion") {
            EXPECT_TRUE(std::isnan(metric->value())) << entry.name << " before the first face";
        }
        for (const Emotion truth : {Emotion::neutral, Emotion::anger}) {
            const std::array features{static_cast<float>(truth), 1.0f};
            Judged face{.hr = &hr, .sr = &sr, .in_hr = {}, .in_sr = {}, .truth = truth};
            face.in_hr = {{Emotion::neutral, Emotion::anger}, {0.3f, 0.7f}};
            face.in_sr = {{Emotion::neutral, Emotion::anger}, {0.6f, 0.4f}};
            face.mesh_in_hr = face.mesh_in_sr = &mesh;
            face.features_of_hr = face.features_of_sr = features;
            metric->add(face);
        }
        EXPECT_TRUE(std::isfinite(metric->value())) << entry.name;
        EXPECT_TRUE(metric->details().is_object()) << entry.name;
    }
}

TEST(Catalog, OptionsReachTheMetric) {
    const auto metric = find(metric_catalog(), "psnr", "metric").make({{"channels", "rgb"}});
    const Image hr(4, 4, 100), sr(4, 4, 110);
    metric->add({.hr = &hr, .sr = &sr, .in_hr = {}, .in_sr = {}, .truth = {}});
    EXPECT_NEAR(metric->value(), 28.13, 0.01);
    EXPECT_THROW(find(metric_catalog(), "psnr", "metric").make({{"channel", "rgb"}}), UsageError);
}

}  // namespace
}  // namespace affectsr
