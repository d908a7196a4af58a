#include "affectsr/checkpoint/published.h"

#include <torch/nn/module.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "affectsr/base/error.h"
#include "affectsr/learn/plan_module.h"
#include "affectsr/weights/finite.h"
#include "affectsr/weights/mapped_file.h"
#include "affectsr/weights/safetensors.h"

namespace affectsr {

namespace {

constexpr std::size_t kMostListed = 20;                        // names of each kind in a message
constexpr std::string_view kOptional = "num_batches_tracked";  // changes nothing in inference; older files lack it

using Shapes = std::map<std::string, std::vector<std::int64_t>>;

Shapes shapes_of(const torch::nn::Module& network) {
    Shapes shapes;
    for (const auto& item : network.named_parameters()) shapes[item.key()] = item.value().sizes().vec();
    for (const auto& item : network.named_buffers()) shapes[item.key()] = item.value().sizes().vec();
    return shapes;
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
    std::string text;
    for (const std::int64_t side : shape) text += (text.empty() ? "" : ", ") + std::to_string(side);
    return "[" + text + "]";
}

/// "net." if every name begins with it; empty if they have no first part in common.
std::string shared_first_part(const Shapes& wanted) {
    if (wanted.empty()) return "";
    const std::string& first = wanted.begin()->first;
    const std::string part = first.substr(0, first.find('.') + 1);
    const bool shared =
        std::all_of(wanted.begin(), wanted.end(), [&](const auto& named) { return named.first.starts_with(part); });
    return shared ? part : "";
}

std::size_t known_names(const Shapes& wanted, const TensorMap& published, const std::string& prefix) {
    std::size_t known = 0;
    for (const auto& [name, tensor] : published) known += wanted.count(prefix + name);
    return known;
}

/// What the published names lack to be the network's.
std::string lacking_prefix(const Shapes& wanted, const TensorMap& published) {
    const std::string prefix = shared_first_part(wanted);
    return known_names(wanted, published, prefix) > known_names(wanted, published, "") ? prefix : "";
}

std::string listed(const std::string& what, const std::vector<std::string>& names) {
    if (names.empty()) return "";
    std::string text = "; " + std::to_string(names.size()) + " " + what + ": ";
    for (std::size_t i = 0; i < std::min(names.size(), kMostListed); ++i) text += (i == 0 ? "" : ", ") + names[i];
    if (names.size() > kMostListed) text += ", and " + std::to_string(names.size() - kMostListed) + " more";
    return text;
}

/// Names are listed as the file spells or should spell them, without the `prefix` that it lacks.
void check_fit(const Shapes& wanted, const TensorMap& named, const std::string& prefix, const std::string& where) {
    std::vector<std::string> missing, extra, misshapen;
    for (const auto& [name, shape] : wanted) {
        const auto found = named.find(name);
        const std::string published = name.substr(prefix.size());
        if (found == named.end()) {
            if (!name.ends_with(kOptional)) missing.push_back(published + " " + shape_text(shape));
        } else if (found->second.shape() != shape) {
            misshapen.push_back(published + " is " + shape_text(found->second.shape()) + ", the network wants " +
                                shape_text(shape));
        }
    }
    for (const auto& [name, tensor] : named)
        if (!wanted.contains(name))
            extra.push_back(in_quotes(name.substr(prefix.size())) + " " + shape_text(tensor.shape()));
    if (missing.empty() && extra.empty() && misshapen.empty()) return;
    throw ModelError("model_does_not_fit", where + " does not fit the network" + listed("missing", missing) +
                                               listed("extra", extra) + listed("misshapen", misshapen) +
                                               ". Another network or other options may fit");
}

bool is_safetensors(const std::filesystem::path& path) {
    const MappedFile file = MappedFile::open(path);
    return file.bytes().size() > 8 && file.bytes()[8] == std::byte{'{'};  // neither checkpoint format has a '{' there
}

}  // namespace

PublishedCheckpoint read_published(const std::filesystem::path& path) {
    if (!is_safetensors(path)) return read_pth(path);
    Safetensors content = read_safetensors(path);
    if (content.metadata.contains("affectsr.card"))
        throw ModelError("already_imported",
                         path.string() + ": this is a model file of affectsr already; use it as it is");
    PublishedCheckpoint checkpoint{std::move(content.tensors), "safetensors", {}, {}};
    drop_wrapping_names(checkpoint, path.string());
    return checkpoint;
}

Adopted adopt(torch::nn::Module& network, const TensorMap& published, const std::string& where) {
    const Shapes wanted = shapes_of(network);
    const std::string prefix = lacking_prefix(wanted, published);
    TensorMap named;
    for (const auto& [name, tensor] : published) named.emplace(prefix + name, tensor);
    check_fit(wanted, named, prefix, where);
    expect_finite(published, where);
    load_state(network, named, where);
    Adopted adopted;
    adopted.tensors = state_of(network);
    for (auto& [name, tensor] : adopted.tensors) {
        const auto found = named.find(name);
        if (found == named.end()) continue;
        const DType type = found->second.type();
        if (type == DType::f16 || type == DType::bf16) tensor = found->second;
    }
    for (const auto& parameter : network.parameters()) adopted.parameters += parameter.numel();
    return adopted;
}

}  // namespace affectsr
