// Golden runner of metasr: XuecaiHu/Meta-SR-Pytorch's Meta-RDN, at every scale that the case has.
#include "affectsr/restore/meta_sr.h"

#include <cmath>
#include <optional>

#include "affectsr/learn/libtorch.h"
#include "affectsr/learn/plan_module.h"
#include "affectsr/learn/tensor.h"
#include "affectsr/restore/edsr_ends.h"
#include "golden/plan_case.h"

namespace affectsr::golden {
namespace {

HostTensor times(const HostTensor& tensor, double factor) {
    return with_channels(
        tensor, [factor](float value, std::size_t) { return static_cast<float>(static_cast<double>(value) * factor); });
}

/// Only what the steps of `plan` have.
TensorMap of_plan(const Plan& plan, const TensorMap& all) {
    TensorMap own;
    for (const Parameter& parameter : plan.parameters()) own[parameter.name] = all.at(parameter.name);
    return own;
}

/// An enlarged side as the reference has it before it takes its mask: as many slots for each pixel, of which those that
/// nothing falls into have the offset 1.
struct Slots {
    MetaAxis axis;
    std::vector<float> used;  ///< 1 or 0
};

Slots slots_of(const MetaAxis& axis, int from, double scale) {
    const int each = static_cast<int>(std::ceil(scale));
    Slots slots;
    for (int cell = 0; cell < from; ++cell)
        for (int slot = 0; slot < each; ++slot) slots.axis.cell.push_back(cell);
    slots.axis.offset.assign(slots.axis.cell.size(), 1);
    slots.used.assign(slots.axis.cell.size(), 0);
    std::vector<int> next(static_cast<std::size_t>(from), 0);
    for (std::size_t i = 0; i < axis.cell.size(); ++i) {
        const int cell = axis.cell[i];
        const auto at = static_cast<std::size_t>(cell * each + next[static_cast<std::size_t>(cell)]++);
        slots.axis.offset[at] = axis.offset[i];
        slots.used[at] = 1;
    }
    return slots;
}

/// An enlarged picture's pixels and the filters of each.
struct Enlargement {
    MetaAxis rows, columns;
    std::vector<float> filters;
};

Enlargement enlargement(MetaAxis rows, MetaAxis columns, double scale, PlanModule& filter_network) {
    const std::vector<float> positions = meta_positions(rows, columns, scale);
    const torch::InferenceMode inference;
    const auto pixels = static_cast<std::int64_t>(positions.size() / 3);
    const Tensor filters = filter_network.forward(to_tensor(HostTensor::from_floats(positions, {pixels, 3})));
    return {std::move(rows), std::move(columns), to_host(filters).floats()};
}

HostTensor enlarged(const HostTensor& features, const Enlargement& by) {
    const std::vector<std::int64_t>& shape = features.shape();
    const std::vector<float> all = features.floats();
    const std::size_t one = all.size() / static_cast<std::size_t>(shape[0]),
                      picture = 3 * by.rows.cell.size() * by.columns.cell.size();
    std::vector<float> made(static_cast<std::size_t>(shape[0]) * picture);
    for (std::size_t i = 0; i < static_cast<std::size_t>(shape[0]); ++i)
        meta_enlarge(std::span(all).subspan(i * one, one), static_cast<int>(shape[2]), static_cast<int>(shape[3]),
                     by.rows, by.columns, by.filters, std::span(made).subspan(i * picture, picture));
    return times(HostTensor::from_floats(made, {shape[0], 3, static_cast<std::int64_t>(by.rows.cell.size()),
                                                static_cast<std::int64_t>(by.columns.cell.size())}),
                 kEdsrWhite);
}

/// The upper left corner that the fixture keeps.
HostTensor corner(const HostTensor& picture, const std::vector<std::int64_t>& kept) {
    return to_host(to_tensor(picture).slice(2, 0, kept.at(2)).slice(3, 0, kept.at(3)).contiguous());
}

/// One scale of a case; its tensors' names have the ending "" or "_x2".
struct Scale {
    std::string ending;
    Enlargement picture;
    std::optional<Enlargement> slots;  ///< of the first scale alone
    Outputs positions;
};

Scale scale_of(const Case& golden_case, double scale, const std::string& ending, PlanModule& filter_network) {
    const std::vector<std::int64_t>& small = golden_case.input("x").shape();
    const auto axis = [scale](std::int64_t from) {
        return meta_axis(static_cast<int>(from), static_cast<int>(scale * static_cast<double>(from)), scale);
    };
    const MetaAxis rows = axis(small[2]), columns = axis(small[3]);
    const Slots down = slots_of(rows, static_cast<int>(small[2]), scale),
                right = slots_of(columns, static_cast<int>(small[3]), scale);
    Scale made{ending, enlargement(rows, columns, scale, filter_network), {}, {}};
    std::vector<float> positions = meta_positions(down.axis, right.axis, scale);
    const std::vector<std::int64_t>& kept = golden_case.tensors.at("stage.pos_mat" + ending).shape();
    positions.resize(static_cast<std::size_t>(kept.at(0) * kept.at(1)));
    made.positions["stage.pos_mat" + ending] = HostTensor::from_floats(positions, kept);
    if (!ending.empty()) return made;
    made.slots = enlargement(down.axis, right.axis, scale, filter_network);
    std::vector<float> mask;
    for (const float row : down.used)
        for (const float column : right.used) mask.push_back(row * column);
    made.positions["stage.mask"] = HostTensor::from_floats(mask, golden_case.tensors.at("stage.mask").shape());
    return made;
}

PlanCase describe(const Case& golden_case) {
    MetaSrOptions options;
    const Json& shape = golden_case.config.at("DCG");
    options.blocks = shape.at(0), options.convs = shape.at(1), options.growth = shape.at(2);
    options.features = golden_case.config.at("G0");
    const HostTensor& input = golden_case.input("x");
    PlanCase made{meta_sr_feature_plan(options), times(input, 1 / kEdsrWhite)};
    made.plan.output_mark("gff");
    made.rename = [plan = made.plan](const TensorMap& state) { return of_plan(plan, state); };

    PlanModule filter_network(meta_sr_filter_plan(options));
    load_state(filter_network, of_plan(filter_network.plan(), golden_case.filled_state()), golden_case.folder.string());
    filter_network.eval();
    std::vector<Scale> scales{scale_of(golden_case, golden_case.config.at("scale"), "", filter_network)};
    for (const Json& scale : golden_case.config.value("more_scales", Json::array())) {
        std::string ending = "_x" + scale.dump();
        if (ending.ends_with(".0")) ending.resize(ending.size() - 2);
        scales.push_back(scale_of(golden_case, scale, ending, filter_network));
    }
    made.finish = [scales, gff = golden_case.tensors.at("stage.gff").shape(),
                   unmasked = golden_case.tensors.at("stage.before_mask").shape()](
                      const std::map<std::string, HostTensor>& values) {
        Outputs outputs{{"stage.gff", first_channels(values.at("gff"), gff.at(1))}};
        for (const Scale& scale : scales) {
            outputs["output.y" + scale.ending] = enlarged(values.at("out"), scale.picture);
            outputs.insert(scale.positions.begin(), scale.positions.end());
            if (scale.slots) outputs["stage.before_mask"] = corner(enlarged(values.at("out"), *scale.slots), unmasked);
        }
        return outputs;
    };
    return made;
}

const bool kRegistered = register_plan("metasr", describe);

}  // namespace
}  // namespace affectsr::golden
