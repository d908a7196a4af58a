// What EDSR and RCAN begin and end with: the fixed shift of the mean colour, and enlargement by pixel shuffles.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "affectsr/plan/plan.h"
#include "affectsr/weights/host_tensor.h"

namespace affectsr {

/// Both networks count brightness from 0 to 255.
inline constexpr double kEdsrWhite = 255;

/// DIV2K's mean colour, from 0 to 255.
std::vector<float> edsr_mean_colour();

/// [0, 1] → 0–255 less DIV2K's mean colour, and back.
Value without_mean_colour(PlanBuilder& p, Value x);
Value with_mean_colour(PlanBuilder& p, Value x);

/// "tail.0" and "tail.1", Lim et al. 2017, fig. 3: convolution and pixel shuffle, 3 at once or 2 again and again; then
/// to 3 channels. Throws UsageError beginning with `network` unless the scale is 2, 3, 4 or 8.
Value edsr_tail(PlanBuilder& p, Value x, int scale, const std::string& network);

/// A network under its authors' names or under BasicSR's (which begin with "conv_first") → under the plan's. The
/// authors' "sub_mean" and "add_mean" are left out where they are the constants of without_mean_colour and
/// with_mean_colour; others stay, and fit no plan. `body_layers` counts the blocks or groups between head and last
/// convolution; `within_body` renames BasicSR's layers of the body (a name without ".weight" and ".bias").
TensorMap rename_edsr_family(TensorMap published, int body_layers,
                             const std::function<std::string(std::string)>& within_body);
/// Replaces `part` in `name`, if it is there, by `ours`.
void replace_part(std::string& name, const std::string& part, const std::string& ours);

}  // namespace affectsr
