#include "affectsr/experiment/drift.h"

#include <cmath>

#include "affectsr/base/error.h"
#include "affectsr/metric/divergence.h"
#include "affectsr/metric/ecm.h"

namespace affectsr {

namespace {

double entropy_bits(const Expression& expression) {
    return entropy_nats(expression.probability) / std::log(2.0);
}

}  // namespace

const char* name_of(DriftVerdict verdict) {
    switch (verdict) {
        case DriftVerdict::kept:
            return "kept";
        case DriftVerdict::drifted:
            return "drifted";
        case DriftVerdict::changed:
            return "changed";
        case DriftVerdict::undetermined:
            return "undetermined";
    }
    throw Bug("a verdict without a name");
}

Drift drift_of(const Reading& before, const Reading& after, std::optional<double> landmark_shift,
               const DriftOptions& options) {
    Drift drift;
    if (before.expression.empty()) {
        drift.reason = before.reason;
        return drift;
    }
    if (after.expression.empty()) {
        drift.flipped = true;
        drift.verdict = DriftVerdict::changed;
        drift.reason = after.reason;
        return drift;
    }
    const Expression &was = before.expression, &is = after.expression;
    AFFECTSR_EXPECT(was.labels == is.labels, "a judge answers with the same labels both times");
    const double bits = jensen_shannon_bits(was.probability, is.probability);
    drift.divergence_bits = bits;
    drift.entropy_change_bits = entropy_bits(is) - entropy_bits(was);
    drift.flipped = was.best() != is.best();
    if (double{was.confidence()} < options.sure && double{is.confidence()} < options.sure)
        drift.reason = "unsure";
    else if (drift.flipped && bits >= options.changed_bits)
        drift.verdict = DriftVerdict::changed;
    else if (bits >= options.drifted_bits || landmark_shift.value_or(-1) >= options.drifted_shift)
        drift.verdict = DriftVerdict::drifted;
    else if (drift.flipped)
        drift.reason = "close";
    else
        drift.verdict = DriftVerdict::kept;
    return drift;
}

}  // namespace affectsr
