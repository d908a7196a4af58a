// `evaluate sizes --against`: two models on the same faces, paired.
#pragma once

#include <stop_token>
#include <string>

#include "affectsr/experiment/sizes.h"

namespace affectsr {

/// The rows of the experiment for two readers, a and b, one per size in the order asked: "size", "left_out" and the
/// keys of paired_figures(). facts.models tells who a and b are. `face_sink` is given every verdict of a, then every
/// one of b, with the key "model". `options.views` are those of a. Throws as judge_sizes().
Report sizes_against_report(const Dataset& dataset, const LookAll& a, const LookAll& b, const SizesOptions& options,
                            const Json& models, Provenance made_by, const JudgeProgress& progress = {},
                            std::stop_token stop = {}, const FaceSink& face_sink = {});

/// The whole experiment: opens both models. `options.against` is a model's name or file, and its card names the
/// network. Throws as open_sizes_reader and sizes_against_report, ModelError for a model that is not there.
Report evaluate_sizes_against(const Dataset& dataset, const SizesOptions& options, const std::string& command,
                              const JudgeProgress& progress = {}, std::stop_token stop = {},
                              const FaceSink& face_sink = {});

}  // namespace affectsr
