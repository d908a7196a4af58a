// Golden runner of gfpgan: TencentARC/GFPGAN's clean architecture with its stored noise.
#include "affectsr/restore/gfpgan.h"

#include "golden/plan_case.h"

namespace affectsr::golden {
namespace {

PlanCase describe(const Case& golden_case) {
    GfpganOptions options;
    options.size_px = golden_case.config.at("out_size");
    options.styles = golden_case.config.at("num_style_feat");
    options.channel_multiplier = golden_case.config.at("channel_multiplier");
    options.narrow = golden_case.config.at("narrow");
    const SrNetwork network = gfpgan(options);
    const bool small = golden_case.tensors.contains("input.x");
    PlanCase made{network.plan, to_unit(small ? golden_case.input("x") : repeated_input(golden_case))};
    made.rename = network.rename_published;
    const auto stored = [tensors = golden_case.tensors](const std::string& name) { return tensors.at(name).shape(); };
    std::vector<std::string> marks{"condition_scale0", "condition_shift0", "style_conv1", "style_convs0"};
    int pictures = 0;
    while (golden_case.tensors.contains("output.rgb" + std::to_string(pictures)))
        marks.push_back("rgb" + std::to_string(pictures++));
    marks.insert(marks.end(), {"style_code", "to_rgb1"});
    for (const std::string& mark : marks) made.plan.output_mark(mark);
    made.finish = [stored, small, pictures](const std::map<std::string, HostTensor>& values) {
        const HostTensor y = from_unit(values.at("out"));
        Outputs outputs{{"output.y", strided(y, stored("output.y"))}, {"stage.style_code", values.at("style_code")}};
        for (const char* stage : {"condition_scale0", "condition_shift0", "style_conv1", "style_convs0", "to_rgb1"})
            outputs[std::string("stage.") + stage] = strided(values.at(stage), stored(std::string("stage.") + stage));
        for (int i = 0; i < pictures; ++i) {
            const std::string name = "rgb" + std::to_string(i);
            outputs["output." + name] = strided(values.at(name), stored("output." + name));
        }
        if (small) return outputs;
        outputs["output.y_crop"] = crop(y, 200, 240, 64);
        outputs["output.y_mean_std"] = mean_and_deviation(y);
        return outputs;
    };
    return made;
}

const bool kRegistered = register_plan("gfpgan", describe);

}  // namespace
}  // namespace affectsr::golden
