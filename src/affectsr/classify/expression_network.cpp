#include "affectsr/classify/expression_network.h"

#include <algorithm>

#include "affectsr/base/error.h"

namespace affectsr {

std::vector<std::string> ExpressionNetwork::head_parameters(const std::string& head) const {
    AFFECTSR_EXPECT(std::find(heads.begin(), heads.end(), head) != heads.end(), "the network has no head " + head);
    const auto step_at = [this](int index) { return &plan.steps[static_cast<std::size_t>(index)]; };
    const Step* last = step_at(plan.outputs[plan.output_index(head)].step);
    while (last->is<step::Flatten>() || last->is<step::GlobalAvgPool>()) last = step_at(last->inputs.front());
    AFFECTSR_EXPECT(last->is<step::Linear>() || last->is<step::Conv>(),
                    "no linear layer or convolution gives the logits of " + head);
    std::vector<std::string> names;
    for (const Parameter& parameter : parameters_of(*last)) names.push_back(parameter.name);
    return names;
}

TensorMap ExpressionNetwork::renamed(TensorMap published) const {
    return rename_published ? rename_published(std::move(published)) : std::move(published);
}

}  // namespace affectsr
