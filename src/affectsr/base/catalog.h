// A written-out table of the kinds of one thing (restorers, classifiers, datasets, …): one line each.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "affectsr/base/fields.h"

namespace affectsr {

/// One line of a catalog. `make` builds the thing from its options as JSON (missing keys keep their defaults) and
/// throws UsageError for an unknown option; `default_options` and `help` come from the options' one listing.
template <class Made>
struct Entry {
    std::string name;    ///< as typed after --restorer and the like
    std::string source;  ///< paper or origin, with identifier
    std::function<std::unique_ptr<Made>(const Json& options)> make;
    Json default_options;
    std::vector<Field> (*help)() = nullptr;  ///< name, type, help, range of every option (`get`/`set` are empty)
};

/// A catalog line for what `make` returns of its options.
template <class Made, class Options, class Make>
Entry<Made> made_entry(std::string name, std::string source, Make make) {
    return {name, std::move(source),
            [name, make](const Json& options) -> std::unique_ptr<Made> {
                return make(affectsr::from_json<Options>(options, name));
            },
            to_json(Options{}),
            +[] {
                Options options;
                std::vector<Field> fields = list_fields(options);
                for (Field& field : fields) field.get = nullptr, field.set = nullptr;
                return fields;
            }};
}

/// A catalog line for `Kind`, built as Kind(Options).
template <class Made, class Kind, class Options>
Entry<Made> entry(std::string name, std::string source) {
    return made_entry<Made, Options>(std::move(name), std::move(source),
                                     [](const Options& options) { return std::make_unique<Kind>(options); });
}

/// A catalog line for a function that makes a value of its options.
template <class Made, class Options>
Entry<Made> entry(std::string name, std::string source, Made (*make)(const Options&)) {
    return made_entry<Made, Options>(std::move(name), std::move(source),
                                     [make](const Options& options) { return std::make_unique<Made>(make(options)); });
}

/// The entry called `name`; throws UsageError that names the known ones. `kind` is the word for the thing ("restorer").
template <class Made>
const Entry<Made>& find(std::span<const Entry<Made>> catalog, std::string_view name, const std::string& kind) {
    std::string known;
    for (const Entry<Made>& candidate : catalog) {
        if (candidate.name == name) return candidate;
        known += (known.empty() ? "" : ", ") + candidate.name;
    }
    throw UsageError("no " + kind + " is called \"" + std::string(name) + "\"; known are: " + known, "unknown_" + kind);
}

}  // namespace affectsr
