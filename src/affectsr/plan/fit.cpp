#include "affectsr/plan/fit.h"

#include <algorithm>
#include <set>
#include <vector>

#include "affectsr/base/error.h"
#include "affectsr/weights/safetensors.h"

namespace affectsr {

namespace {

constexpr std::size_t kMostListed = 20;  // names of each kind in a message

std::string shape_text(const std::vector<std::int64_t>& shape) {
    std::string text;
    for (const std::int64_t side : shape) text += (text.empty() ? "" : ", ") + std::to_string(side);
    return "[" + text + "]";
}

std::string listed(const std::string& what, const std::vector<std::string>& names) {
    if (names.empty()) return "";
    std::string text = "; " + std::to_string(names.size()) + " " + what + ": ";
    for (std::size_t i = 0; i < std::min(names.size(), kMostListed); ++i) text += (i == 0 ? "" : ", ") + names[i];
    if (names.size() > kMostListed) text += ", and " + std::to_string(names.size() - kMostListed) + " more";
    return text;
}

}  // namespace

void expect_fit(const Plan& plan, const TensorMap& tensors, const std::string& where) {
    std::vector<std::string> missing, extra, misshapen;
    std::set<std::string> known;
    for (const Parameter& wanted : plan.parameters()) {
        known.insert(wanted.name);
        const auto found = tensors.find(wanted.name);
        if (found == tensors.end()) {
            if (wanted.role != Parameter::Role::counter)
                missing.push_back(wanted.name + " " + shape_text(wanted.shape));
        } else if (found->second.shape() != wanted.shape) {
            misshapen.push_back(wanted.name + " is " + shape_text(found->second.shape()) + ", the network wants " +
                                shape_text(wanted.shape));
        }
    }
    for (const auto& [name, tensor] : tensors)
        if (!known.contains(name)) extra.push_back(in_quotes(name) + " " + shape_text(tensor.shape()));
    if (missing.empty() && extra.empty() && misshapen.empty()) return;
    throw ModelError("model_does_not_fit", where + " does not fit the network" + listed("missing", missing) +
                                               listed("extra", extra) + listed("misshapen", misshapen) +
                                               ". Another network or other options may fit");
}

TensorMap fitting(const Plan& plan, TensorMap tensors, const std::string& where) {
    expect_fit(plan, tensors, where);
    return tensors;
}

}  // namespace affectsr
