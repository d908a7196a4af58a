// Which network of a catalog a task trains.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "affectsr/base/catalog.h"
#include "affectsr/base/fields.h"

namespace affectsr {

/// Which network, with which of its own options.
struct NetworkChoice {
    std::string name;
    Json options = Json::object();
    void fields(auto&& f) {
        f("name", name, "catalog name of the network");
        f("options", options, "its own options");
    }

    /// The network; its options here are completed by their defaults. Throws UsageError for an unknown name or option.
    template <class Network>
    std::unique_ptr<const Network> make_from(std::span<const Entry<Network>> catalog) {
        const Entry<Network>& entry = find(catalog, name, "network");
        std::unique_ptr<const Network> network = entry.make(options);
        Json all = entry.default_options;
        all.update(options);
        options = std::move(all);
        return network;
    }
};

}  // namespace affectsr
