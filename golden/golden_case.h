// One golden case: a stored input, the answer of an independent reference, and the rule that rebuilds its weights.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "affectsr/base/fields.h"
#include "affectsr/weights/host_tensor.h"

namespace affectsr::golden {

/// A folder with fixture.json and tensors.safetensors, as the reference wrote it. A fixture stores no weights: they are
/// filled by a rule that depends only on name, shape and seed, so that every implementation rebuilds the same ones.
struct Case {
    /// One tensor of the reference network's state dict.
    struct State {
        std::string name;
        std::vector<std::int64_t> shape;
        std::string dtype;  ///< as torch spells it: "float32", "int64", …
    };

    std::filesystem::path folder;
    std::string network;           ///< the item: fixture.json's "network", else the name of the folder above
    Json config = Json::object();  ///< the reference's options
    std::uint64_t seed = 0;
    double gain = 1;
    double tolerance = 1e-4;  ///< of ‖ours − expected‖ / ‖expected‖
    /// The same for a player in bfloat16, "tolerance_bf16". Its significand has 8 bits, so each step of a network
    /// rounds by up to 2⁻⁹ of a value, 0.11 % in the mean square; errors of n steps that know nothing of each other add
    /// up like √n, to 2.4 % for the 350 convolutions of an RRDB of 23 blocks and to 1 % for 80 steps of a ResNet. What
    /// reaches past this has another fault than rounding.
    double tolerance_bf16 = 4e-2;
    std::string notes;
    std::vector<State> state_dict;  ///< in the reference's order
    TensorMap tensors;              ///< all of tensors.safetensors: "input.*", "output.*", "stage.*"

    /// `image` is the tensor "input.image". Throws InputError (`no_such_tensor`) naming the inputs that are there.
    const HostTensor& input(const std::string& name) const;
    /// A float32 tensor filled by the rule with this case's seed and gain: splitmix64 from FNV-1a-64(name) XOR seed,
    /// computed in double. Statistics, norm scales and biases are told by the end of the name and the dimensions.
    HostTensor filled(const std::string& name, std::vector<std::int64_t> shape) const;
    /// Every tensor of state_dict by the rule; integer ones are zero. Tensors that config "keep" names are left out:
    /// the reference kept their constants, and so must the network under test.
    TensorMap filled_state() const;
};

/// Reads a case; unknown keys of fixture.json are ignored and missing ones keep their defaults.
/// Throws InputError (`not_a_case`) or ModelError naming the file.
Case read_case(const std::filesystem::path& folder);

/// Full names: "output.y"; also "stage.…" where computed; "output.y@engine" is what a further player made of it, and
/// one whose name ends with "bf16" is held to the case's tolerance_bf16.
using Outputs = std::map<std::string, HostTensor>;
using Runner = std::function<Outputs(const Case&)>;

/// Makes `item` known; in x_golden.cpp: static const bool kRegistered = golden::register_runner("bicubic", run);
/// Returns true. Throws Bug if the item is known already. Not thread-safe: for static initialisation only.
bool register_runner(std::string item, Runner runner);
/// The items that have a runner, in the order of their names.
std::vector<std::string> known_items();
/// The runner for the case's network, else for the folder above it; null if neither is known.
const Runner* find_runner(const Case&);

/// How one stored answer was met.
struct Comparison {
    std::string tensor;
    bool computed = false;  ///< the runner gave this tensor
    bool same_shape = false;
    double error = 0;       ///< as relative_error; infinite if the shape differs
    double tolerance = 0;   ///< what it was held to
    bool within = false;    ///< computed, of the right shape, and the error within the tolerance
    bool optional = false;  ///< a stage.*, which a runner may leave out
};
/// ‖ours − expected‖ / ‖expected‖ over all elements, in double; ‖ours‖ where the expected are all zero. Elements that
/// are expected to be infinite or NaN must be so too, else the error is infinite. Throws Bug if the counts differ.
double relative_error(const HostTensor& ours, const HostTensor& expected);
/// Every output.* and stage.* of the case against `outputs`, in the order of their names.
std::vector<Comparison> compare(const Case&, const Outputs& outputs);

}  // namespace affectsr::golden
