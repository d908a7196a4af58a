#include "affectsr/base/differences.h"

#include <vector>

namespace affectsr {

namespace {

constexpr std::size_t kMostShown = 60;  // characters of a value

bool is_hash(const Json& value) {
    return value.is_string() && value.get_ref<const std::string&>().size() == 64 &&
           value.get_ref<const std::string&>().find_first_not_of("0123456789abcdef") == std::string::npos;
}

std::string shown(const Json& value) {
    if (is_hash(value)) return value.get_ref<const std::string&>().substr(0, 8) + "…";
    std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (text.size() > kMostShown) text = text.substr(0, kMostShown) + "…";
    return text;
}

void compare(const std::string& name, const Json& before, const Json& now, std::vector<std::string>& found) {
    if (before == now) return;
    const auto below = [&](const std::string& key) { return name.empty() ? key : name + "." + key; };
    if (before.is_object() && now.is_object()) {
        for (const auto& [key, value] : before.items())
            compare(below(key), value, now.contains(key) ? now[key] : Json(nullptr), found);
        for (const auto& [key, value] : now.items())
            if (!before.contains(key)) compare(below(key), nullptr, value, found);
        return;
    }
    const bool structured =
        before.is_array() && now.is_array() && before.size() == now.size() && !before.empty() && before[0].is_object();
    if (structured) {
        for (std::size_t i = 0; i < before.size(); ++i)
            compare(name + "[" + std::to_string(i) + "]", before[i], now[i], found);
        return;
    }
    found.push_back(name + ": " + shown(before) + ", now " + shown(now));
}

}  // namespace

std::string differences(const Json& before, const Json& now, std::size_t most) {
    std::vector<std::string> found;
    compare("", before, now, found);
    std::string text;
    for (std::size_t i = 0; i < found.size() && i < most; ++i) text += (i == 0 ? "" : "; ") + found[i];
    if (found.size() > most) text += "; and " + std::to_string(found.size() - most) + " more";
    return text;
}

}  // namespace affectsr
