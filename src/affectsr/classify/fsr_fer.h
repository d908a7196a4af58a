// FSR-FER: the expression of a small face, read from features that a generator made those of a large one.
#pragma once

#include "affectsr/classify/covpool.h"
#include "affectsr/classify/feature_generator.h"

namespace affectsr {

/// Shape of the network.
struct FsrFerOptions {
    CovpoolOptions covpool;
    FeatureGeneratorOptions generator;
    bool added = false;
    void fields(auto&& f) {
        f("covpool", covpool, "network whose features are enlarged");
        f("generator", generator, "what enlarges them");
        f("added", added, "the generator makes what is added to the features, not the features");
    }
};

/// How the generator's steps begin in the network of fsr_fer(); the others have covpool's names.
inline constexpr const char* kGeneratorPrefix = "generator.";

/// The generator between the two halves of covpool, a feature [n, 1, side, side] → the same shape; `added` as in
/// FsrFerOptions. Source: FSR-FER, eq. 3.
Value enlarged_feature(PlanBuilder& p, const std::string& prefix, Value feature, const FsrFerOptions& options);

/// enlarged_feature() as a plan of its own, without prefix.
Plan enlarging_plan(const FsrFerOptions& options);

/// [n, 3, px, px] in [0, 1], a face that was enlarged by bicubic interpolation, whatever the factor → "expression"
/// [n, 7]. Marks: those of covpool_plan(), "feature" before the generator, and "enlarged_feature". Throws UsageError as
/// covpool_plan(). Source: FSR-FER, sec. 3.
ExpressionNetwork fsr_fer(const FsrFerOptions& options);

}  // namespace affectsr
