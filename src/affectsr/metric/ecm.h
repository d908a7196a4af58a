// Emotion consistency metric: whether an expression network reads the restored faces as it reads the originals.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "affectsr/metric/metric.h"

namespace affectsr {

/// H = −Σ p ln p of one answer, in nats, 0 … ln(classes); a p under 1e-12 counts as 1e-12 inside the logarithm.
double entropy_nats(std::span<const float> probability);

/// How often each class got which confidence: uniform bins on [0, 1], the last one closed.
class ConfidenceHistograms {
 public:
    /// Throws Bug for bins < 1.
    explicit ConfidenceHistograms(int bins);
    /// One face: a probability 0–1 for every class. Throws Bug for another number of classes than before.
    void add(std::span<const float> probability);
    int bins() const { return bins_; }
    int classes() const { return static_cast<int>(counts_.size()) / bins_; }
    std::int64_t faces() const { return faces_; }
    /// [classes, bins], row-major.
    const std::vector<std::int64_t>& counts() const { return counts_; }

 private:
    int bins_;
    std::int64_t faces_ = 0;
    std::vector<std::int64_t> counts_;
};

/// What the paper leaves open; why these are the defaults: docs/adr/0021.
struct EcmOptions {
    int bins = 10;
    /// How counts become a histogram: "density", of integral 1 over [0, 1]; "share", of sum 1; "count".
    std::string histogram = "density";
    std::string logarithm = "natural";  ///< of L_conf: "natural" or "decimal"
    std::string entropy = "nats";       ///< "nats" or "bits"
    double alpha = 0.5;                 ///< weight of L_H; the paper's
    double epsilon = 1e-12;             ///< the least L_conf, so that equal answers give no −∞
    void fields(auto&& f) {
        f("bins", bins, "equal bins of confidence", Range{1, 1000});
        f("histogram", histogram, "how counts are scaled", OneOf{{"density", "share", "count"}});
        f("logarithm", logarithm, "of the change of entropy", OneOf{{"natural", "decimal"}});
        f("entropy", entropy, "unit of entropies", OneOf{{"nats", "bits"}});
        f("alpha", alpha, "weight of the histograms' distance", Range{0, 1e6});
        f("epsilon", epsilon, "least change of entropy", Range{1e-300, 1});
    }
};

/// ECM = α L_H + log(L_conf), lower is better, may be negative. L_H = Σ_c ‖H(p_hr^c) − H(p_sr^c)‖² over the classes'
/// histograms of confidence on the originals and on the restored faces; L_conf = mean |H(p_hr) − H(p_sr)| of the faces'
/// entropies. Equal answers give log(epsilon). L_H grows as faces get fewer, so only values of equally many faces can
/// be compared. Source: AffectSRNet, sec. III-A.
class Ecm : public Metric {
 public:
    /// Throws UsageError for a word that is none of its setting's.
    explicit Ecm(const EcmOptions& options);
    MetricCard card() const override;
    /// A face that was not read on one of the pictures is only counted. Throws Bug if the labels are not the same.
    void add(const Judged& face) override;
    /// NaN before the first face that was read on both.
    double value() const override;
    double histogram_distance() const;  ///< L_H; NaN for no faces
    double entropy_change() const;      ///< L_conf before epsilon, in the unit of the options; NaN for no faces
    /// "faces", "unread", "l_h", "l_conf", "floored" (L_conf was under epsilon), "by_class" ({name: its part of L_H})
    /// and "conventions": every option.
    Json details() const override;

 private:
    /// Each class's part of L_H.
    std::vector<double> class_distances() const;
    EcmOptions options_;
    std::vector<Emotion> labels_;
    ConfidenceHistograms in_hr_, in_sr_;
    std::int64_t unread_ = 0;
    double change_sum_ = 0;  // nats
};

}  // namespace affectsr
