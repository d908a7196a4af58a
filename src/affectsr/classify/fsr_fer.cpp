#include "affectsr/classify/fsr_fer.h"

namespace affectsr {

Value enlarged_feature(PlanBuilder& p, const std::string& prefix, Value feature, const FsrFerOptions& o) {
    const Value made = generated_feature(p, prefix, feature, o.generator);
    return o.added ? p.add(feature, made) : made;
}

Plan enlarging_plan(const FsrFerOptions& o) {
    PlanBuilder p;
    return p.finish(enlarged_feature(p, "", p.input(1), o));
}

ExpressionNetwork fsr_fer(const FsrFerOptions& o) {
    PlanBuilder p;
    const Value feature = covpool_feature(p, p.input(3), o.covpool);
    const Value enlarged = p.mark("enlarged_feature", enlarged_feature(p, kGeneratorPrefix, feature, o));
    p.output("expression", covpool_logits(p, enlarged, o.covpool));
    return {p.finish(), {o.covpool.input_px, 3}, {"expression"}};
}

}  // namespace affectsr
