// Runs the reference's differentiable histograms on its stored probabilities.
#include <array>

#include "affectsr/metric/soft_histogram.h"
#include "golden/golden_case.h"

namespace affectsr {
namespace {

HostTensor floats_of(const std::vector<double>& values, std::vector<std::int64_t> shape) {
    return HostTensor::from_floats(std::vector<float>(values.begin(), values.end()), std::move(shape));
}

golden::Outputs run(const golden::Case& one) {
    const HostTensor& of_sr = one.input("p_sr");
    const std::vector<float> sr = of_sr.floats(), hr = one.input("p_hr").floats();
    const std::int64_t classes = of_sr.shape().at(1);
    SoftHistogramOptions options;
    options.bins = one.config.value("bins", options.bins);
    golden::Outputs outputs;
    for (const std::string kernel : {"triangular", "sigmoid"}) {
        options.kernel = kernel;
        const std::string name = "output." + kernel;
        const int width = static_cast<int>(classes);
        std::vector<double> gradient;
        const double distance = soft_histogram_distance(sr, hr, width, options, &gradient);
        outputs[name + "_hist_sr"] = floats_of(soft_histogram(sr, width, options), {classes, options.bins});
        outputs[name + "_hist_hr"] = floats_of(soft_histogram(hr, width, options), {classes, options.bins});
        outputs[name + "_loss"] = floats_of({distance}, {1});
        outputs[name + "_grad_sr"] = floats_of(gradient, of_sr.shape());
    }
    return outputs;
}

const bool kRegistered = golden::register_runner("soft_histogram", run);

}  // namespace
}  // namespace affectsr
