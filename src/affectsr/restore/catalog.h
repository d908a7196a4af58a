// Every restorer, one line each: those that need no weights, and the networks.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "affectsr/base/catalog.h"
#include "affectsr/restore/restorer.h"

namespace affectsr {

struct AnyScaleNetwork;
struct SrNetwork;

/// Restorers that work as they are.
std::span<const Entry<Restorer>> restorer_catalog();
/// Untrained networks, by name; for training, importing and loading.
std::span<const Entry<SrNetwork>> sr_network_catalog();
/// The same of networks that enlarge to any size.
std::span<const Entry<AnyScaleNetwork>> any_scale_network_catalog();

/// Throws UsageError naming all restorers and networks unless one is called `name`.
void expect_known_restorer(const std::string& name);

/// The restorer called `name`. One that can choose makes faces of `output_px`, or `scale` times larger ones where it is
/// a network and that is above 0; a network takes the weights of `model_file` and computes in `precision` ("auto",
/// "f32" or "bf16"; see plan/precision.h). Without a file they are those of the model called NAME, or, where there is
/// none, of NAME_xSCALE; `scale` 0: of NAME_x4. `fidelity`, 0 to 1: how near a network that can choose keeps to the
/// face that it is given; none: as its model file has it. Throws UsageError for an unknown name or precision, for
/// weights that nobody takes and for a fidelity that the network does not know, ModelError if the file is missing (its
/// message says how weights are imported), damaged, of another network, or does not fit.
std::unique_ptr<Restorer> load_restorer(const std::string& name, const std::filesystem::path& model_file,
                                        const std::string& precision, int output_px, int scale = 0,
                                        std::optional<double> fidelity = std::nullopt);

}  // namespace affectsr
