// Expression networks small enough for tests.
#pragma once

#include "affectsr/base/catalog.h"
#include "affectsr/classify/expression_network.h"

namespace affectsr {

/// Options that make a network of the catalog small: published ones have up to 140 million parameters and see 224 px.
inline Json small_options(const Entry<ExpressionNetwork>& entry) {
    const Json small = {{"input_px", 32},
                        {"width", 8},
                        {"widths", {8, 16}},
                        {"depths", {1, 1}},
                        {"hidden", 32},
                        {"blocks", {1, 1, 1}},
                        {"covpool", {{"input_px", 32}, {"width", 8}, {"hidden", 32}}},
                        {"generator", {{"features", 8}, {"growth", 4}, {"blocks", 1}}}};
    Json options = Json::object();
    for (const auto& [name, value] : small.items())
        if (entry.default_options.contains(name)) options[name] = value;
    return options;
}

}  // namespace affectsr
