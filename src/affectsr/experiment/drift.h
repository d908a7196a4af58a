// Whether a face's expression was kept, as one judge reads it before and after.
#pragma once

#include <optional>
#include <string>

#include "affectsr/base/fields.h"
#include "affectsr/face/expression.h"

namespace affectsr {

/// Where the verdicts part. How the defaults were found: docs/evaluation.md.
struct DriftOptions {
    double sure = 0.4;
    double drifted_bits = 0.05;
    double changed_bits = 0.15;
    double drifted_shift = 0.05;
    void fields(auto&& f) {
        f("sure", sure, "undetermined is a face of which the judge is less sure than this both times", Range{0, 1});
        f("drifted_bits", drifted_bits, "divergence of the two answers, in bits, from which an expression has drifted",
          Range{0, 1});
        f("changed_bits", changed_bits,
          "divergence, in bits, from which it has changed, if the label is another one too", Range{0, 1});
        f("drifted_shift", drifted_shift,
          "mean shift of the face's points, in eye distances, from which an expression has drifted", Range{0, 10});
    }
};

enum class DriftVerdict {
    kept,          ///< both answers are nearly the same
    drifted,       ///< they differ by more than a copy's would, or the face's points moved
    changed,       ///< the label is another one, and not by a hair; or the face can no longer be read
    undetermined,  ///< the judge cannot tell
};
/// "kept", "drifted", "changed", "undetermined".
const char* name_of(DriftVerdict);

/// What a judge answers of one face; without an expression the reason why.
struct Reading {
    Expression expression;
    std::string reason;
};

/// What became of an expression.
struct Drift {
    std::optional<double> divergence_bits;      ///< Jensen–Shannon, 0–1; none: not read both times
    std::optional<double> entropy_change_bits;  ///< after − before; above 0: less sure now
    bool flipped = false;  ///< the most probable label is another one, or the face can no longer be read
    DriftVerdict verdict = DriftVerdict::undetermined;
    /// Why it is undetermined ("unsure": both answers are; "close": the label is another one while the answers are
    /// nearly the same; else why the face could not be read before), or why a changed face could not be read after.
    std::string reason;
};

/// Compares two readings of one face over the same labels; `landmark_shift` in eye distances, if it is known. The first
/// that holds: not read before, undetermined; not read after, changed; unsure both times, undetermined; another label
/// and divergence ≥ changed_bits, changed; divergence ≥ drifted_bits or shift ≥ drifted_shift, drifted; another label,
/// undetermined; kept.
Drift drift_of(const Reading& before, const Reading& after, std::optional<double> landmark_shift,
               const DriftOptions& options);

}  // namespace affectsr
