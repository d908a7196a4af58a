#include "affectsr/restore/rrdb.h"

#include <array>
#include <utility>

#include "affectsr/base/error.h"

namespace affectsr {

namespace {

constexpr double kSlope = 0.2;     // of every leaky ReLU
constexpr double kResidual = 0.2;  // Wang et al. 2018, sec. 3.1: residual scaling β, at both levels

/// conv (→ instance norm); the dense blocks' convolution before its activation.
Value dense_conv(PlanBuilder& p, const std::string& name, Value x, int width, const RrdbOptions& o) {
    const Value y = p.conv(name, x, width);
    return o.instance_norm ? p.instance_norm("", y) : y;
}

/// Dense block: every convolution sees all that came before it.
Value dense_block(PlanBuilder& p, const std::string& name, Value x, const RrdbOptions& o) {
    std::vector<Value> grown{x};
    for (int k = 1; k <= 4; ++k) {
        const Value seen = k == 1 ? x : p.concat(grown);
        const std::string conv = name + ".conv" + std::to_string(k);
        grown.push_back(p.leaky_relu(dense_conv(p, conv, seen, o.growth, o), kSlope));
    }
    const Value y = dense_conv(p, name + ".conv5", p.concat(grown), o.features, o);
    return p.add(x, p.scale(y, kResidual));
}

/// Wang et al. 2018, fig. 4: three dense blocks within a residual.
Value residual_in_residual(PlanBuilder& p, const std::string& name, Value x, const RrdbOptions& o) {
    Value y = x;
    for (int j = 1; j <= 3; ++j) y = dense_block(p, name + ".rdb" + std::to_string(j), y, o);
    return p.add(x, p.scale(y, kResidual));
}

/// How many times the trunk's picture is enlarged by 2.
int enlargements(int scale) {
    return scale == 8 ? 3 : 2;  // scales 1 and 2 enlarge by 4 too, having shrunk first
}

Value enlarged(PlanBuilder& p, Value x, int factor, const RrdbOptions& o) {
    return o.bicubic ? p.enlarge_bicubic(x, factor) : p.enlarge_nearest(x, factor);
}

}  // namespace

Value rrdb_steps(PlanBuilder& p, Value in, const RrdbOptions& o, const RrdbGuest& guest) {
    if (o.scale != 1 && o.scale != 2 && o.scale != 4 && o.scale != 8)
        throw UsageError("rrdb: \"scale\" must be 1, 2, 4 or 8, got " + std::to_string(o.scale));
    if (o.bicubic && (o.scale < 4 || o.in_channels != 3))
        throw UsageError("rrdb: \"bicubic\" is for scale 4 or 8 and three channels");
    const auto visited = [&guest](const std::string& place, Value x) { return guest ? guest(place, x) : x; };
    Value x = in;
    if (o.scale < 4) x = p.pixel_unshuffle(x, 4 / o.scale);
    const Value head = p.mark("conv_first", p.conv("conv_first", x, o.features));
    Value body = head;
    for (int i = 0; i < o.blocks; ++i) {
        const std::string place = "body" + std::to_string(i);
        body = visited(place, p.mark(place, residual_in_residual(p, "body." + std::to_string(i), body, o)));
    }
    Value top = p.add(head, p.mark("conv_body", p.conv("conv_body", body, o.features)));
    top = visited("trunk", top);
    for (int i = 1; i <= enlargements(o.scale); ++i) {
        const std::string place = "conv_up" + std::to_string(i);
        top = visited(place, p.leaky_relu(p.conv(place, enlarged(p, top, 2, o), o.features), kSlope));
    }
    top = p.leaky_relu(p.conv("conv_hr", top, o.features), kSlope);
    const Value last = p.conv("conv_last", top, 3);
    return o.bicubic ? p.add(p.enlarge_bicubic(in, o.scale), last) : last;
}

Plan rrdb_plan(const RrdbOptions& o) {
    PlanBuilder p;
    return p.finish(rrdb_steps(p, p.input(o.in_channels), o));
}

namespace {

using Names = std::array<std::pair<const char*, const char*>, 6>;

constexpr Names kNewArch{{{"trunk_conv", "conv_body"},
                          {"upconv1", "conv_up1"},
                          {"upconv2", "conv_up2"},
                          {"upconv3", "conv_up3"},
                          {"HRconv", "conv_hr"},
                          {"RRDB_trunk", "body"}}};
constexpr Names kOldArch{{{"model.0", "conv_first"},
                          {"model.1.sub", "body"},
                          {"model.3", "conv_up1"},
                          {"model.6", "conv_up2"},
                          {"model.8", "conv_hr"},
                          {"model.10", "conv_last"}}};

/// `name` with its first part replaced, if the table knows it.
std::string with_our_beginning(const std::string& name, const Names& names) {
    for (const auto& [theirs, ours] : names)
        if (name.starts_with(std::string(theirs) + ".")) return ours + name.substr(std::string(theirs).size());
    return name;
}

/// "body.i.RDBJ.convK(.0).weight" → "body.i.rdbJ.convK.weight", and the old architecture's last of "body" →
/// "conv_body".
std::string with_our_blocks(std::string name) {
    if (!name.starts_with("body.")) return name;
    const std::size_t block = name.find(".RDB");
    if (block == std::string::npos) {
        const std::size_t number_end = name.find('.', 5);
        const std::string last = number_end == std::string::npos ? "" : name.substr(number_end);
        return last == ".weight" || last == ".bias" ? "conv_body" + last : name;
    }
    name.replace(block, 4, ".rdb");
    const std::size_t wrapped = name.rfind(".0.");
    if (wrapped != std::string::npos && wrapped > block) name.erase(wrapped, 2);
    return name;
}

}  // namespace

TensorMap rename_esrgan(TensorMap published) {
    const bool old = published.contains("model.0.weight");
    TensorMap named;
    for (auto& [name, tensor] : published)
        named[with_our_blocks(with_our_beginning(name, old ? kOldArch : kNewArch))] = std::move(tensor);
    return named;
}

SrNetwork rrdb(const RrdbOptions& o) {
    if (o.in_channels != 3)
        throw UsageError("rrdb: \"in_channels\" must be 3 in a restorer, whose faces are coloured; got " +
                         std::to_string(o.in_channels));
    SrNetwork network = enlarging_network(rrdb_plan(o), o.scale);
    if (o.scale < 4) network.multiple = 4 / o.scale;
    network.rename_published = rename_esrgan;
    return network;
}

}  // namespace affectsr
