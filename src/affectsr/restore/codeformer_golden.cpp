// Golden runners of codeformer and vqgan: sczhou/CodeFormer's networks.
#include "affectsr/restore/codeformer.h"

#include <algorithm>
#include <cmath>

#include "golden/plan_case.h"

namespace affectsr::golden {
namespace {

/// [n, codes, h, w] → the number of the largest code of each position, [n, h · w], as float32.
HostTensor chosen(const HostTensor& logits) {
    const std::vector<std::int64_t>& shape = logits.shape();
    const std::vector<float> all = logits.floats();
    const std::int64_t area = shape[2] * shape[3];
    std::vector<float> best;
    for (std::int64_t n = 0; n < shape[0]; ++n)
        for (std::int64_t p = 0; p < area; ++p) {
            const auto at = [&](std::int64_t c) {
                return all[static_cast<std::size_t>((n * shape[1] + c) * area + p)];
            };
            std::int64_t most = 0;
            for (std::int64_t c = 1; c < shape[1]; ++c)
                if (at(c) > at(most)) most = c;
            best.push_back(static_cast<float>(most));
        }
    return HostTensor::from_floats(best, {shape[0], area});
}

VqganOptions vqgan_of(const Json& config) {
    VqganOptions options;
    options.size_px = config.at("img_size");
    options.width = config.at("nf");
    options.multipliers = config.at("ch_mult").get<std::vector<int>>();
    options.blocks = config.at("res_blocks");
    options.code_channels = config.at("emb_dim");
    if (config.contains("attn_resolutions"))
        options.attention_px = config.at("attn_resolutions").get<std::vector<int>>();
    if (config.contains("codebook_size")) options.codes = config.at("codebook_size");
    return options;
}

/// [n, codes, h, w] → [n, h · w at every so-manieth, codes at every so-manieth], so that it gets `shape`.
HostTensor strided_tokens(const HostTensor& logits, const std::vector<std::int64_t>& shape) {
    const std::vector<std::int64_t>& from = logits.shape();
    const std::int64_t area = from[2] * from[3], step = area / shape[1], code_step = from[1] / shape[2];
    const std::vector<float> all = logits.floats();
    std::vector<float> kept;
    for (std::int64_t n = 0; n < shape[0]; ++n)
        for (std::int64_t p = 0; p < area; p += step)
            for (std::int64_t c = 0; c < from[1]; c += code_step)
                kept.push_back(all[static_cast<std::size_t>((n * from[1] + c) * area + p)]);
    return HostTensor::from_floats(kept, shape);
}

/// How far the largest of each position lies above the second, [n, h · w].
HostTensor margins(const HostTensor& logits) {
    const std::vector<std::int64_t>& shape = logits.shape();
    const std::vector<float> all = logits.floats();
    const std::int64_t area = shape[2] * shape[3];
    std::vector<float> above;
    for (std::int64_t n = 0; n < shape[0]; ++n)
        for (std::int64_t p = 0; p < area; ++p) {
            float first = -INFINITY, second = -INFINITY;
            for (std::int64_t c = 0; c < shape[1]; ++c) {
                const float value = all[static_cast<std::size_t>((n * shape[1] + c) * area + p)];
                second = std::max(second, std::min(first, value));
                first = std::max(first, value);
            }
            above.push_back(first - second);
        }
    return HostTensor::from_floats(above, {shape[0], area});
}

CodeformerOptions options_of(const Case& golden_case) {
    CodeformerOptions options;
    if (golden_case.config.contains("vqgan")) options.vqgan = vqgan_of(golden_case.config.at("vqgan"));
    options.vqgan.codes = golden_case.config.at("codebook_size");
    options.features = golden_case.config.at("dim_embd");
    options.hidden = 2 * options.features;
    options.heads = golden_case.config.at("n_head");
    options.layers = golden_case.config.at("n_layers");
    options.connected_px.clear();
    for (const Json& side : golden_case.config.at("connect_list"))
        options.connected_px.push_back(std::stoi(side.get<std::string>()));
    return options;
}

/// "y_w0.5_adain": how the fixture names a run.
std::string ending_of(const Json& run) {
    return "w" + run.at(0).dump() + (run.at(1).get<bool>() ? "_adain" : "");
}

/// One network for each fidelity: a case has several.
Outputs run(const Case& golden_case) {
    const bool whole = golden_case.tensors.contains("input.x");
    const HostTensor input = to_unit(whole ? golden_case.input("x") : repeated_input(golden_case));
    Outputs all;
    for (const Json& asked : golden_case.config.at("runs")) {
        CodeformerOptions options = options_of(golden_case);
        options.fidelity = asked.at(0);
        options.adain = asked.at(1);
        const SrNetwork network = codeformer(options);
        PlanCase made{network.plan, input};
        made.rename = network.rename_published;
        made.plan.output_mark("lq");
        made.plan.output_mark("logits");
        made.finish = [&, ending = ending_of(asked)](const std::map<std::string, HostTensor>& values) {
            const HostTensor y = from_unit(values.at("out"));
            Outputs outputs{
                {"output.y_" + ending, strided(y, golden_case.tensors.at("output.y_" + ending).shape())},
                {"stage.top_idx", chosen(values.at("logits"))},
                {"stage.top2_margin", margins(values.at("logits"))},
                {"stage.logits_strided",
                 strided_tokens(values.at("logits"), golden_case.tensors.at("stage.logits_strided").shape())},
                {"stage.lq_feat", strided(values.at("lq"), golden_case.tensors.at("stage.lq_feat").shape())}};
            if (whole) return outputs;
            outputs["output.y_mean_std_" + ending] = mean_and_deviation(y);
            outputs["output.crop_" + ending] = crop(y, 240, 240, 32);
            return outputs;
        };
        all.merge(play(made, golden_case));
    }
    return all;
}

/// The code nearest to z is the one with the largest 2 z·e − |e|²: a convolution of 1 × 1 over the entries e.
TensorMap with_nearest(TensorMap state) {
    const HostTensor& book = state.at("quantize.embedding.weight");
    const std::int64_t codes = book.shape()[0], channels = book.shape()[1];
    std::vector<float> entries = book.floats(), squares(static_cast<std::size_t>(codes));
    for (std::size_t i = 0; i < entries.size(); ++i) {
        squares[i / static_cast<std::size_t>(channels)] -= entries[i] * entries[i];
        entries[i] *= 2;
    }
    state["nearest.weight"] = HostTensor::from_floats(entries, {codes, channels, 1, 1});
    state["nearest.bias"] = HostTensor::from_floats(squares, {codes});
    return state;
}

/// sczhou/CodeFormer's VQAutoEncoder: encoder, nearest code, generator.
PlanCase autoencoder(const Case& golden_case) {
    const VqganOptions options = vqgan_of(golden_case.config);
    PlanBuilder p;
    const Value z = vqgan_encoded(p, p.input(3), options);
    const Value nearness = p.conv("nearest", z, options.codes, {.kernel = 1});
    const Value codes = p.lookup("quantize.embedding", nearness, options.code_channels);
    p.output("z", z);
    p.output("nearness", nearness);
    p.output("codes", codes);
    p.output("y", vqgan_generated(p, codes, options));
    PlanCase made{p.finish(), golden_case.input("x")};
    made.rename = with_nearest;
    made.finish = [](const std::map<std::string, HostTensor>& values) {
        constexpr double kCommitment = 0.25;  // beside 1 for the codes
        const std::vector<float> encoded = values.at("z").floats(), chosen_codes = values.at("codes").floats();
        double squares = 0;
        for (std::size_t i = 0; i < encoded.size(); ++i)
            squares += std::pow(double{chosen_codes[i]} - double{encoded[i]}, 2);
        const auto loss = static_cast<float>((1 + kCommitment) * squares / static_cast<double>(encoded.size()));
        const HostTensor all = chosen(values.at("nearness")), margin = margins(values.at("nearness"));
        const std::int64_t count = all.shape()[0] * all.shape()[1];
        return Outputs{{"stage.z", values.at("z")},
                       {"stage.indices", reshaped(all, {count})},
                       {"stage.distance_margin", reshaped(margin, {count})},
                       {"output.y", values.at("y")},
                       {"output.loss", HostTensor::from_floats(std::vector<float>{loss}, {1})}};
    };
    return made;
}

const bool kRegistered = register_runner("codeformer", run) && register_plan("vqgan", autoencoder);

}  // namespace
}  // namespace affectsr::golden
