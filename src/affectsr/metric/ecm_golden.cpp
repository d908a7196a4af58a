// Runs the reference's emotion consistency metric on its stored probabilities, in every convention.
#include <array>
#include <string>

#include "affectsr/metric/ecm.h"
#include "golden/golden_case.h"

namespace affectsr {
namespace {

HostTensor scalar(double value) {
    return HostTensor::from_floats(std::array{static_cast<float>(value)}, {1});
}

/// Row `face` of [faces, classes].
std::span<const float> row_of(const std::vector<float>& values, std::size_t face, std::size_t classes) {
    return std::span(values).subspan(face * classes, classes);
}

Ecm measured(const std::vector<float>& hr, const std::vector<float>& sr, std::size_t classes,
             const EcmOptions& options) {
    Ecm ecm(options);
    for (std::size_t i = 0; i < hr.size() / classes; ++i) {
        const auto on_hr = row_of(hr, i, classes), on_sr = row_of(sr, i, classes);
        Judged face;
        face.in_hr = {seven_emotions(), {on_hr.begin(), on_hr.end()}};
        face.in_sr = {seven_emotions(), {on_sr.begin(), on_sr.end()}};
        ecm.add(face);
    }
    return ecm;
}

void put_faces(const std::string& side, const std::vector<float>& values, std::size_t classes,
               golden::Outputs& outputs) {
    std::vector<float> entropies;
    for (std::size_t i = 0; i < values.size() / classes; ++i)
        entropies.push_back(static_cast<float>(entropy_nats(row_of(values, i, classes))));
    const auto faces = static_cast<std::int64_t>(entropies.size());
    outputs["output.entropy_" + side] = HostTensor::from_floats(entropies, {faces});
    for (const int bins : {10, 20}) {
        ConfidenceHistograms histograms(bins);
        for (std::size_t i = 0; i < entropies.size(); ++i) histograms.add(row_of(values, i, classes));
        outputs["output.hist" + std::to_string(bins) + "_" + side] = HostTensor::from_floats(
            std::vector<float>(histograms.counts().begin(), histograms.counts().end()), {histograms.classes(), bins});
    }
}

golden::Outputs run(const golden::Case& one) {
    const std::vector<float> hr = one.input("p_hr").floats(), sr = one.input("p_sr").floats();
    const auto classes = static_cast<std::size_t>(one.input("p_hr").shape().at(1));
    golden::Outputs outputs;
    put_faces("hr", hr, classes, outputs);
    put_faces("sr", sr, classes, outputs);
    EcmOptions options;
    options.alpha = one.config.value("alpha", 0.5);
    outputs["output.l_conf"] = scalar(measured(hr, sr, classes, options).entropy_change());
    options.entropy = "bits";
    outputs["output.l_conf_bits"] = scalar(measured(hr, sr, classes, options).entropy_change());
    options.entropy = "nats";
    for (const int bins : {10, 20}) {
        for (const std::string histogram : {"count", "share", "density"}) {
            options.bins = bins, options.histogram = histogram, options.logarithm = "natural";
            const std::string name = (histogram == "share" ? "pmf" : histogram) + std::to_string(bins);
            const Ecm natural = measured(hr, sr, classes, options);
            outputs["output.l_h_" + name] = scalar(natural.histogram_distance());
            outputs["output.ecm_" + name] = scalar(natural.value());
            options.logarithm = "decimal";
            outputs["output.ecm_" + name + "_log10"] = scalar(measured(hr, sr, classes, options).value());
        }
    }
    return outputs;
}

const bool kRegistered = golden::register_runner("ecm", run);

}  // namespace
}  // namespace affectsr
