#include "golden/golden_case.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>

#include "affectsr/base/error.h"
#include "affectsr/base/random.h"
#include "affectsr/weights/safetensors.h"

namespace affectsr::golden {
namespace {

// The numbers of FNV-1a-64, as /reference/golden.py fixes them.
constexpr std::uint64_t kFnvStart = 0xCBF29CE484222325ull;
constexpr std::uint64_t kFnvPrime = 0x100000001B3ull;

std::uint64_t fnv1a64(const std::string& text) {
    std::uint64_t hash = kFnvStart;
    for (unsigned char byte : text) hash = (hash ^ byte) * kFnvPrime;
    return hash;
}

std::map<std::string, Runner>& runners() {
    static std::map<std::string, Runner> table;
    return table;
}

std::vector<double> doubles(const HostTensor& tensor) {
    if (tensor.type() == DType::f64) {
        std::vector<double> values(static_cast<std::size_t>(tensor.count()));
        if (!values.empty()) std::memcpy(values.data(), tensor.bytes().data(), tensor.bytes().size());
        return values;
    }
    if (tensor.type() == DType::i64 || tensor.type() == DType::i32) {
        const std::vector<std::int64_t> whole = tensor.ints();
        return {whole.begin(), whole.end()};
    }
    const std::vector<float> single = tensor.floats();
    return {single.begin(), single.end()};
}

// A scalar may be written with no dimension or with one of length 1.
bool same_shape(const HostTensor& a, const HostTensor& b) {
    const bool both_scalars = a.count() == 1 && b.count() == 1 && a.shape().size() <= 1 && b.shape().size() <= 1;
    return a.shape() == b.shape() || both_scalars;
}

std::size_t count_of(const std::vector<std::int64_t>& shape) {
    std::size_t count = 1;
    for (std::int64_t side : shape) {
        AFFECTSR_EXPECT(side >= 0, "a golden tensor's side is " + std::to_string(side));
        count *= static_cast<std::size_t>(side);
    }
    return count;
}

HostTensor zeros(const Case::State& state) {
    const std::size_t count = count_of(state.shape);
    if (state.dtype == "int32") {
        std::shared_ptr<std::byte[]> memory(new std::byte[count * 4]());
        return {DType::i32, state.shape, std::shared_ptr<const std::byte>(memory, memory.get()), count * 4};
    }
    return HostTensor::from_ints(std::vector<std::int64_t>(count, 0), state.shape);
}

Json read_json(const std::filesystem::path& path) {
    std::ifstream file(path);
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (!file) throw InputError("not_a_case", path.string() + ": cannot be read; name a folder with a fixture.json");
    Json json = Json::parse(text, nullptr, false);
    if (!json.is_object()) throw InputError("not_a_case", path.string() + ": is not a JSON object");
    return json;
}

// A key that is missing or null keeps its default.
template <class T>
T value_or(const Json& json, const char* key, const T& otherwise) {
    const auto found = json.find(key);
    return found == json.end() || found->is_null() ? otherwise : found->get<T>();
}

Case case_from_json(const Json& json, const std::filesystem::path& folder) {
    Case one;
    one.folder = folder;
    one.network = value_or(json, "network", folder.parent_path().filename().string());
    one.config = value_or(json, "config", Json::object());
    one.seed = value_or(json, "seed", one.seed);
    one.gain = value_or(json, "gain", one.gain);
    one.tolerance = value_or(json, "tolerance", one.tolerance);
    one.tolerance_bf16 = value_or(json, "tolerance_bf16", one.tolerance_bf16);
    one.notes = value_or(json, "notes", one.notes);
    for (const Json& state : value_or(json, "state_dict", Json::array())) {
        one.state_dict.push_back({state.at(0).get<std::string>(), state.at(1).get<std::vector<std::int64_t>>(),
                                  state.at(2).get<std::string>()});
    }
    return one;
}

}  // namespace

const HostTensor& Case::input(const std::string& name) const {
    const auto found = tensors.find("input." + name);
    if (found != tensors.end()) return found->second;
    std::string known;
    for (const auto& [full_name, tensor] : tensors) {
        if (full_name.starts_with("input.")) known += " " + full_name;
    }
    throw InputError("no_such_tensor", folder.string() + ": there is no input." + name + "; there are:" + known);
}

HostTensor Case::filled(const std::string& name, std::vector<std::int64_t> shape) const {
    const std::size_t count = count_of(shape);
    std::vector<float> values(count);
    SplitMix64 random(fnv1a64(name) ^ seed);
    for (float& value : values) {
        const double u = unit_interval(random.next()), v = 2 * u - 1;
        double x = 0.1 * v;
        if (name.ends_with("running_mean")) {
            x = 0.1 * v;
        } else if (name.ends_with("running_var")) {
            x = 1 + 0.5 * u;
        } else if (shape.size() >= 2) {
            x = gain * v * std::sqrt(3.0 * static_cast<double>(shape[0]) / static_cast<double>(count));
        } else if (name.ends_with("weight")) {
            x = 1 + 0.1 * v;
        }
        value = static_cast<float>(x);
    }
    return HostTensor::from_floats(values, std::move(shape));
}

TensorMap Case::filled_state() const {
    const Json kept = value_or(config, "keep", Json::array());
    TensorMap state;
    for (const State& one : state_dict) {
        if (std::find(kept.begin(), kept.end(), Json(one.name)) != kept.end()) continue;
        const bool real = one.dtype.starts_with("float") || one.dtype == "bfloat16";
        state[one.name] = real ? filled(one.name, one.shape) : zeros(one);
    }
    return state;
}

Case read_case(const std::filesystem::path& folder) {
    const std::filesystem::path full = std::filesystem::weakly_canonical(folder);  // so that "." has a folder above it
    const std::filesystem::path description = full / "fixture.json";
    Case one;
    try {
        one = case_from_json(read_json(description), full);
    } catch (const Json::exception& error) {
        throw InputError("not_a_case", description.string() + ": " + error.what());
    }
    one.tensors = read_safetensors(full / "tensors.safetensors").tensors;
    return one;
}

bool register_runner(std::string item, Runner runner) {
    const bool added = runners().emplace(item, std::move(runner)).second;
    AFFECTSR_EXPECT(added, "two runners are registered for the golden item " + item);
    return true;
}

std::vector<std::string> known_items() {
    std::vector<std::string> items;
    for (const auto& [item, runner] : runners()) items.push_back(item);
    return items;
}

const Runner* find_runner(const Case& one) {
    for (const std::string& item : {one.network, one.folder.parent_path().filename().string()}) {
        if (const auto found = runners().find(item); found != runners().end()) return &found->second;
    }
    return nullptr;
}

double relative_error(const HostTensor& ours, const HostTensor& expected) {
    const std::vector<double> a = doubles(ours), b = doubles(expected);
    AFFECTSR_EXPECT(a.size() == b.size(), "tensors of different sizes cannot be compared");
    double difference = 0, norm = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (!std::isfinite(b[i])) {
            const bool same = std::isnan(b[i]) ? std::isnan(a[i]) : a[i] == b[i];
            if (!same) return std::numeric_limits<double>::infinity();
            continue;
        }
        difference += (a[i] - b[i]) * (a[i] - b[i]);
        norm += b[i] * b[i];
    }
    if (std::isnan(difference)) return std::numeric_limits<double>::infinity();
    return norm > 0 ? std::sqrt(difference / norm) : std::sqrt(difference);
}

namespace {

Comparison comparison(const Case& one, const std::string& tensor, const HostTensor& expected, const HostTensor* ours) {
    Comparison row;
    row.tensor = tensor;
    row.computed = ours != nullptr;
    row.same_shape = row.computed && same_shape(*ours, expected);
    row.error = row.same_shape ? relative_error(*ours, expected) : std::numeric_limits<double>::infinity();
    row.tolerance = tensor.ends_with("bf16") ? std::max(one.tolerance_bf16, one.tolerance) : one.tolerance;
    row.within = row.computed && row.error <= row.tolerance;
    row.optional = tensor.starts_with("stage.");
    return row;
}

}  // namespace

std::vector<Comparison> compare(const Case& one, const Outputs& outputs) {
    std::vector<Comparison> rows;
    for (const auto& [name, expected] : one.tensors) {
        if (!name.starts_with("output.") && !name.starts_with("stage.")) continue;
        const auto found = outputs.find(name);
        rows.push_back(comparison(one, name, expected, found != outputs.end() ? &found->second : nullptr));
        // What further players made of it.
        for (auto other = outputs.lower_bound(name + "@"); other != outputs.end(); ++other) {
            if (!other->first.starts_with(name + "@")) break;
            rows.push_back(comparison(one, other->first, expected, &other->second));
        }
    }
    return rows;
}

}  // namespace affectsr::golden
