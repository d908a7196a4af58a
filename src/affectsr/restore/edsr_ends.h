// What EDSR and RCAN begin and end with: the fixed shift of the mean colour, and enlargement by pixel shuffles.
#pragma once

#include <functional>
#include <string>

#include "affectsr/learn/plan_module.h"

namespace affectsr {

/// Both networks count brightness from 0 to 255.
inline constexpr double kEdsrWhite = 255;

/// The steps "sub_mean" and "add_mean": 1×1 convolutions that take DIV2K's mean colour away and give it back.
Value sub_mean(PlanBuilder& p, Value x);
Value add_mean(PlanBuilder& p, Value x);
/// Their weights and biases by name: constants, not learned.
TensorMap mean_shift_state();
/// Puts the constants into a network that has both steps and keeps training from changing them.
void fix_mean_shift(torch::nn::Module& network);

/// "tail.0" and "tail.1", Lim et al. 2017, fig. 3: convolution and pixel shuffle, 3 at once or 2 again and again; then
/// to 3 channels. Throws UsageError beginning with `network` unless the scale is 2, 3, 4 or 8.
Value edsr_tail(PlanBuilder& p, Value x, int scale, const std::string& network);

/// A network under BasicSR's names → under the authors', with the mean shifts that BasicSR leaves out; names without a
/// "conv_first" stay. `body_layers` counts the blocks or groups between head and last convolution; `within_body`
/// renames their layers (a name without ".weight" and ".bias").
TensorMap rename_basicsr(TensorMap published, int body_layers,
                         const std::function<std::string(std::string)>& within_body);
/// Replaces `part` in `name`, if it is there, by `ours`.
void replace_part(std::string& name, const std::string& part, const std::string& ours);

}  // namespace affectsr
