#include "affectsr/checkpoint/pth.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <set>
#include <string_view>

#include "affectsr/base/error.h"
#include "affectsr/checkpoint/pickle.h"
#include "affectsr/checkpoint/pickle_scanner.h"
#include "affectsr/checkpoint/pth_tensors.h"
#include "affectsr/checkpoint/stored_zip.h"
#include "affectsr/weights/mapped_file.h"

namespace affectsr {

namespace {

constexpr std::array<std::string_view, 6> kWrappers = {"params_ema",     "params", "state_dict",
                                                       "net_state_dict", "model",  "model_state_dict"};
constexpr int kMostWrappers = 2;
constexpr std::size_t kMostNamedKeys = 12;  // in a message

// torch/serialization.py: MAGIC_NUMBER 0x1950a86a20f9469cfc6c and PROTOCOL_VERSION.
constexpr std::string_view kLegacyMagic = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
constexpr std::int64_t kLegacyProtocol = 1001;

[[noreturn]] void unknown(const std::string& where, const std::string& why) {
    throw ModelError("unknown_checkpoint", where + ": " + why);
}
[[noreturn]] void damaged(const std::string& where, const std::string& why) {
    throw ModelError("model_damaged", where + ": " + why);
}

std::string_view text_of(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Where the weights lie in a checkpoint.
struct Weights {
    const PickleValue* dict = nullptr;
    std::vector<std::string> within, beside;
};

bool has_tensors(const Pickle& pickle, const PthTensors& tensors, const PickleValue& dict) {
    const auto items = pickle.items(dict);
    for (std::size_t i = 0; i + 1 < items.size(); i += 2)
        if (tensors.is_tensor(*items[i + 1])) return true;
    return false;
}

std::optional<Weights> find_weights(const Pickle& pickle, const PthTensors& tensors, const PickleValue& dict,
                                    int wrappers_left) {
    if (dict.kind != PickleKind::dict) return std::nullopt;
    const auto items = pickle.items(dict);
    std::array<const PickleValue*, kWrappers.size()> wrapped{};
    for (std::size_t i = 0; i + 1 < items.size() && wrappers_left > 0; i += 2)
        for (std::size_t w = 0; w < kWrappers.size(); ++w)
            if (items[i]->kind == PickleKind::text && items[i]->text == kWrappers[w]) wrapped[w] = items[i + 1];
    for (std::size_t w = 0; w < kWrappers.size(); ++w) {
        if (wrapped[w] == nullptr) continue;
        std::optional<Weights> found = find_weights(pickle, tensors, *wrapped[w], wrappers_left - 1);
        if (!found) continue;
        found->within.insert(found->within.begin(), std::string(kWrappers[w]));
        for (std::size_t i = 0; i + 1 < items.size(); i += 2)
            if (items[i]->kind == PickleKind::text && items[i]->text != kWrappers[w])
                found->beside.emplace_back(items[i]->text);
        return found;
    }
    if (has_tensors(pickle, tensors, dict)) return Weights{&dict, {}, {}};
    return std::nullopt;
}

[[noreturn]] void refuse_without_weights(const Pickle& pickle, const std::string& where) {
    std::string keys;
    if (pickle.root().kind == PickleKind::dict) {
        const auto items = pickle.items(pickle.root());
        for (std::size_t i = 0; i + 1 < items.size() && i < 2 * kMostNamedKeys; i += 2)
            if (items[i]->kind == PickleKind::text) keys += (keys.empty() ? "" : ", ") + shown(items[i]->text);
    }
    std::string known;
    for (const std::string_view key : kWrappers) known += (known.empty() ? "" : ", ") + std::string(key);
    throw ModelError("no_weights", where + ": there are no tensors by name in this checkpoint; " +
                                       (keys.empty() ? "it holds no dict" : "it has the keys " + keys) +
                                       ". Weights are looked for at its top and under " + known);
}

PublishedCheckpoint read_weights(const Pickle& pickle, PthTensors& tensors, const std::string& where) {
    const std::optional<Weights> weights = find_weights(pickle, tensors, pickle.root(), kMostWrappers);
    if (!weights) refuse_without_weights(pickle, where);
    PublishedCheckpoint checkpoint;
    checkpoint.within = weights->within;
    checkpoint.beside = weights->beside;
    const auto items = pickle.items(*weights->dict);
    for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
        if (items[i]->kind != PickleKind::text) continue;
        std::string name(items[i]->text);
        if (!tensors.is_tensor(*items[i + 1])) {
            checkpoint.beside.push_back(std::move(name));
            continue;
        }
        if (checkpoint.tensors.contains(name)) damaged(where, "tensor " + shown(name) + " is there twice");
        HostTensor tensor = tensors.tensor(*items[i + 1], name);
        checkpoint.tensors.emplace(std::move(name), std::move(tensor));
    }
    drop_wrapping_names(checkpoint, where);
    return checkpoint;
}

/// Strided and widened copies may together take this: no honest checkpoint comes near it.
std::size_t most_copied(const MappedFile& file) {
    return 4 * file.bytes().size();
}

/// The folder that everything in the archive lies in, with its slash: "archive/".
std::string_view folder_of(const StoredZip& zip, const std::string& where) {
    constexpr std::string_view pickle = "/data.pkl";
    std::string_view folder;
    for (const StoredZip::Entry& entry : zip.entries()) {
        const std::size_t slash = entry.name.find('/');
        if (slash == std::string_view::npos || entry.name.substr(slash) != pickle) continue;
        if (!folder.empty()) damaged(where, "the zip archive has two data.pkl");
        folder = entry.name.substr(0, slash + 1);
    }
    if (folder.empty()) unknown(where, "the zip archive has no data.pkl, so torch.save did not write it");
    return folder;
}

/// Refuses what torch.jit, torch.export and torch.package write, whatever version: programs with their weights inside.
void refuse_programs(const StoredZip& zip, const std::string& where) {
    const auto refuse = [&](const char* what) {
        unknown(where,
                std::string("this is ") + what + ", not a checkpoint; load it in PyTorch and save its state_dict()");
    };
    for (const StoredZip::Entry& entry : zip.entries()) {
        const std::string_view inside = entry.name.substr(std::min(entry.name.find('/') + 1, entry.name.size()));
        if (inside == "constants.pkl" || inside == "model.json" || inside.starts_with("code/"))
            refuse("a TorchScript archive (torch.jit.save)");
        if (inside.starts_with("serialized_exported_program") || inside == "archive_format")
            refuse("an exported program (torch.export.save)");
        if (inside == ".data/extern_modules") refuse("a package of Python code (torch.package)");
    }
}

bool is_big_endian(const StoredZip& zip, const std::string& folder, const std::string& where) {
    const StoredZip::Entry* entry = zip.find(folder + "byteorder");
    if (entry == nullptr) return false;  // written before PyTorch 2.1, which added it
    const std::string_view order = text_of(zip.verified(*entry));
    if (order != "little" && order != "big") damaged(where, "its byte order is " + shown(order));
    return order == "big";
}

PublishedCheckpoint read_zip(const MappedFile& file, const std::string& where) {
    const StoredZip zip(file.bytes(), where);
    refuse_programs(zip, where);  // before their compressed entries are
    zip.refuse_compressed();
    const std::string folder(folder_of(zip, where));
    const bool big_endian = is_big_endian(zip, folder, where);
    const StoredZip::Entry& described = *zip.find(folder + "data.pkl");
    const Pickle pickle(file.bytes().subspan(described.begin, described.size), {checkpoint_globals(), true}, where);
    zip.verified(described);  // only now: a hostile pickle is refused sooner than it is hashed
    const auto content = [&](std::string_view key, std::size_t bytes) {
        const StoredZip::Entry* entry = zip.find(folder + "data/" + std::string(key));
        if (entry == nullptr) damaged(where, "storage " + shown(key) + " is not in the file");
        if (entry->size != bytes)
            damaged(where, "storage " + shown(key) + " has " + std::to_string(entry->size) +
                               " bytes, its tensors need " + std::to_string(bytes));
        zip.verified(*entry);
        return file.part(entry->begin);
    };
    PthTensors tensors(pickle, content, most_copied(file), big_endian, where);
    PublishedCheckpoint checkpoint = read_weights(pickle, tensors, where);
    checkpoint.format = "zip";
    return checkpoint;
}

struct Place {
    std::size_t begin = 0, bytes = 0;
};
using Places = std::map<std::string_view, Place>;

/// The storages behind the pickles of a legacy file: for each key the number of elements (8 bytes), then the elements.
Places find_storages(std::span<const std::byte> file, std::size_t at, const Pickle& pickle, const Pickle& keys,
                     const std::string& where) {
    std::map<std::string_view, StorageReference> references;
    for (const PickleValue* value : pickle.persistent()) {
        const StorageReference reference = storage_reference(pickle, *value, where);
        const auto [known, is_new] = references.emplace(reference.key, reference);
        if (!is_new && (known->second.type != reference.type || known->second.stored_bytes != reference.stored_bytes ||
                        known->second.count != reference.count))
            damaged(where, "storage " + shown(reference.key) + " has two types or sizes");
    }
    if (keys.root().kind != PickleKind::list) damaged(where, "its list of storages is none");
    Places places;
    for (const PickleValue* key : keys.items(keys.root())) {
        const auto found = key->kind == PickleKind::text ? references.find(key->text) : references.end();
        if (found == references.end()) damaged(where, "it has a storage that no tensor uses");
        const StorageReference& reference = found->second;
        std::int64_t count = 0;
        if (file.size() - at < sizeof count) damaged(where, "it is cut off before storage " + shown(key->text));
        std::memcpy(&count, file.data() + at, sizeof count);
        at += sizeof count;
        if (count != reference.count)
            damaged(where, "storage " + shown(key->text) + " has " + std::to_string(count) +
                               " elements, its tensors need " + std::to_string(reference.count));
        const std::size_t bytes = static_cast<std::size_t>(count) * reference.stored_bytes;
        if (bytes > file.size() - at) damaged(where, "it is cut off in storage " + shown(key->text));
        if (!places.emplace(reference.key, Place{at, bytes}).second)
            damaged(where, "storage " + shown(key->text) + " is there twice");
        at += bytes;
    }
    if (at != file.size()) damaged(where, std::to_string(file.size() - at) + " bytes follow the last storage");
    return places;
}

bool is_true(const PickleValue* value) {
    return value != nullptr && value->kind == PickleKind::boolean && value->integer == 1;
}

/// Five pickles one after the other, then the storages. Source: torch/serialization.py, _legacy_save.
PublishedCheckpoint read_legacy(const MappedFile& file, const std::string& where) {
    const PickleRules plain{.globals = {}, .most_operations = 1000, .most_values = 1000};
    std::size_t at = 0;
    const auto next = [&](const PickleRules& rules) {
        Pickle pickle(file.bytes().subspan(at), rules, where);
        at += pickle.length();
        return pickle;
    };
    const Pickle magic = next(plain);
    if (magic.root().kind != PickleKind::big_integer || magic.root().text != kLegacyMagic)
        unknown(where, "this is a Python pickle that torch.save did not write");
    const Pickle protocol = next(plain);
    if (protocol.root().kind != PickleKind::integer || protocol.root().integer != kLegacyProtocol)
        unknown(where, "the legacy checkpoint is not of protocol 1001");
    const Pickle system = next(plain);
    if (!is_true(find(system, system.root(), "little_endian")))
        unknown(where, "the legacy checkpoint was written on a big-endian machine; save it again with PyTorch");
    const Pickle pickle = next({checkpoint_globals(), true});
    const Pickle keys = next({});
    const Places places = find_storages(file.bytes(), at, pickle, keys, where);
    const auto content = [&](std::string_view key, std::size_t bytes) {
        const auto place = places.find(key);
        if (place == places.end()) damaged(where, "storage " + shown(key) + " is not in the file");
        AFFECTSR_EXPECT(place->second.bytes == bytes, "a storage changed its size");
        return file.part(place->second.begin);
    };
    PthTensors tensors(pickle, content, most_copied(file), false, where);
    PublishedCheckpoint checkpoint = read_weights(pickle, tensors, where);
    checkpoint.format = "legacy";
    return checkpoint;
}

/// `name` without the parts "_orig_mod", wherever torch.compile left them.
std::string without_compiled_parts(const std::string& name) {
    constexpr std::string_view part = "_orig_mod.";
    std::string kept;
    for (std::size_t begin = 0; begin < name.size();) {
        const std::size_t end = std::min(name.find('.', begin), name.size() - 1) + 1;
        if (name.compare(begin, end - begin, part) != 0) kept.append(name, begin, end - begin);
        begin = end;
    }
    return kept;
}

bool all_begin_with(const TensorMap& tensors, std::string_view prefix) {
    return !tensors.empty() && std::all_of(tensors.begin(), tensors.end(),
                                           [&](const auto& named) { return named.first.starts_with(prefix); });
}

}  // namespace

void drop_wrapping_names(PublishedCheckpoint& checkpoint, const std::string& where) {
    constexpr std::string_view module = "module.";
    TensorMap renamed;
    for (auto& [name, tensor] : checkpoint.tensors) {
        std::string ours = without_compiled_parts(name);
        if (!renamed.emplace(ours, std::move(tensor)).second)
            damaged(where, "tensor " + shown(ours) + " is there twice, with and without \"_orig_mod.\"");
    }
    // torch.optim.swa_utils.AveragedModel counts beside what it averages.
    if (const auto counter = renamed.find("n_averaged"); counter != renamed.end() && counter->second.count() == 1) {
        TensorMap others = renamed;
        others.erase("n_averaged");
        if (all_begin_with(others, module)) {
            renamed = std::move(others);
            checkpoint.beside.emplace_back("n_averaged");
        }
    }
    while (all_begin_with(renamed, module)) {
        TensorMap shorter;
        for (auto& [name, tensor] : renamed) shorter.emplace(name.substr(module.size()), std::move(tensor));
        renamed = std::move(shorter);
    }
    checkpoint.tensors = std::move(renamed);
}

PublishedCheckpoint read_pth(const std::filesystem::path& path) {
    constexpr std::size_t kTarMagicAt = 257;  // POSIX.1-1988, the header's field "magic"
    const MappedFile file = MappedFile::open(path);
    const std::string where = path.string();
    const std::string_view text = text_of(file.bytes());
    if (text.empty()) damaged(where, "the file is empty");
    if (text.starts_with("PK\x03\x04")) return read_zip(file, where);
    if (text.front() == '\x80') return read_legacy(file, where);
    if (text.size() > kTarMagicAt && text.substr(kTarMagicAt).starts_with("ustar"))
        unknown(where,
                "this is a checkpoint of PyTorch before 0.1.10 (a tar archive); load and save it with a newer PyTorch");
    unknown(where, "this is no PyTorch checkpoint: it begins with " + shown(text.substr(0, 16)) +
                       "; a web page or a Git LFS pointer may have been fetched in its place");
}

}  // namespace affectsr
