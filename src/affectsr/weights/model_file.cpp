#include "affectsr/weights/model_file.h"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <string_view>
#include <system_error>

#include "affectsr/base/error.h"
#include "affectsr/base/file.h"
#include "affectsr/base/sha256.h"
#include "affectsr/weights/finite.h"
#include "affectsr/weights/safetensors.h"

namespace affectsr {
namespace {

constexpr const char* kCardKey = "affectsr.card";
constexpr const char* kHashKey = "affectsr.sha256";
// How the hash stands in a header that save() wrote. Inside another text the quotation marks would be escaped, and a
// repeated key is refused, so this is found at one place only.
constexpr std::string_view kHashField = R"("affectsr.sha256":")";
constexpr std::size_t kHashDigits = 64;
// No card needs more; the limits keep a hostile one from taking long to read.
constexpr std::size_t kMostCardDepth = 32;
constexpr std::size_t kMostCardKeys = 256;

// The hash covers the whole file, header and card too, with its own 64 digits read as zeros.
std::string hash_of_file(std::span<const std::byte> file, std::size_t digits_at) {
    const std::string zeros(kHashDigits, '0');
    Sha256 hash;
    hash.add(file.first(digits_at));
    hash.add(std::as_bytes(std::span(zeros)));
    hash.add(file.subspan(digits_at + kHashDigits));
    return hash.hex();
}

std::size_t find_digits(std::span<const std::byte> file) {
    const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
    const std::size_t place = text.find(kHashField);
    return place == std::string_view::npos ? place : place + kHashField.size();
}

void verify_hash(const MappedFile& file, const std::string& hash, const std::filesystem::path& path) {
    const std::string_view header = safetensors_header(file, path);
    const std::size_t digits_at = find_digits(file.bytes().first(sizeof(std::uint64_t) + header.size()));
    if (hash.size() != kHashDigits || digits_at == std::string_view::npos) {
        throw ModelError("hash_mismatch", path.string() +
                                              ": the file carries no SHA-256 where affectsr writes it, so it cannot be "
                                              "verified; fetch or import the model again");
    }
    const std::string found = hash_of_file(file.bytes(), digits_at);
    if (found != hash) {
        throw ModelError("hash_mismatch", path.string() + ": the file says SHA-256 " + hash + " but hashes to " +
                                              found + "; it is damaged or was changed, fetch or train the model again");
    }
}

// Refuses a card that is deep, repeats a key or has very many, before a JSON tree is built: ordered objects are
// searched key by key, and nlohmann's own callback looks through all neighbours at the end of every object.
class CardChecker : public nlohmann::json_sax<nlohmann::json> {
 public:
    explicit CardChecker(std::string where) : where_(std::move(where)) {}

    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(std::int64_t) override { return true; }
    bool number_unsigned(std::uint64_t) override { return true; }
    bool number_float(double, const std::string&) override { return true; }
    bool string(std::string&) override { return true; }
    bool binary(nlohmann::json::binary_t&) override { return true; }
    bool start_object(std::size_t) override { return enter(); }
    bool end_object() override { return leave(); }
    bool start_array(std::size_t) override { return enter(); }
    bool end_array() override { return leave(); }
    bool key(std::string& name) override {
        if (!keys_.back().insert(name).second) refuse("says " + in_quotes(name) + " twice");
        if (keys_.back().size() > kMostCardKeys)
            refuse("has over " + std::to_string(kMostCardKeys) + " keys in one place");
        return true;
    }
    bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
        refuse("is not JSON at its byte " + std::to_string(position));
    }

 private:
    [[noreturn]] void refuse(const std::string& why) const {
        throw ModelError("model_damaged", where_ + ": the model card " + why);
    }
    bool enter() {
        if (keys_.size() == kMostCardDepth) refuse("is nested deeper than " + std::to_string(kMostCardDepth));
        keys_.emplace_back();
        return true;
    }
    bool leave() {
        keys_.pop_back();
        return true;
    }

    std::string where_;
    std::vector<std::set<std::string>> keys_;  // of every object or list that is open
};

Json parse_card(const std::string& text, const std::string& where) {
    CardChecker checker(where);
    nlohmann::json::sax_parse(text, &checker);
    return Json::parse(text);
}

// One listing of the card serves writing, reading and the check for unknown fields.
template <class Card, class Visit>
void visit_card(Card& card, Visit visit) {
    visit("network", card.network);
    visit("options", card.options);
    visit("labels", card.labels);
    visit("heads", card.heads);
    visit("input", card.input);
    visit("source", card.source);
    visit("licence", card.licence);
    visit("trained_on", card.trained_on);
    visit("figures", card.figures);
    visit("limits", card.limits);
    visit("recipe", card.recipe);
    visit("sha256", card.sha256);
}

bool fits(const Json& value, const std::string&) {
    return value.is_string();
}
bool fits(const Json& value, const Json&) {
    return value.is_object();
}
bool fits(const Json& value, const std::vector<std::string>&) {
    return value.is_array() && std::all_of(value.begin(), value.end(), [](const Json& one) { return one.is_string(); });
}

Safetensors with_card(const ModelFile& model) {
    ModelCard card = model.card;
    card.sha256.clear();
    Json json = to_json(card);
    json.erase("sha256");
    Safetensors content;
    content.tensors = model.tensors;
    try {
        content.metadata[kCardKey] = json.dump();
    } catch (const nlohmann::json::exception& error) {
        throw ModelError("bad_name", std::string("the model card's text is not UTF-8: ") + error.what());
    }
    content.metadata[kHashKey] = std::string(kHashDigits, '0');
    return content;
}

bool is_file(const std::filesystem::path& path) {
    std::error_code ignored;  // "no" is an answer here: the caller goes on to the next place
    return std::filesystem::is_regular_file(path, ignored);
}

std::vector<std::filesystem::path> model_places() {
    std::vector<std::filesystem::path> places;
    if (const char* named = std::getenv("AFFECTSR_MODELS"); named != nullptr && *named != '\0')
        places.emplace_back(named);
    std::error_code ignored;  // without /proc the other places remain
    const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", ignored);
    if (!program.empty()) places.push_back(program.parent_path().parent_path() / "share" / "affectsr" / "models");
    places.emplace_back(AFFECTSR_MODELS_DIR);
    places.emplace_back(AFFECTSR_INSTALL_MODELS_DIR);
    return places;
}

}  // namespace

Json to_json(const ModelCard& card) {
    Json json = Json::object();
    visit_card(card, [&](const char* name, const auto& member) { json[name] = member; });
    return json;
}

ModelCard card_from_json(const Json& json, const std::string& where) {
    if (!json.is_object()) throw ModelError("model_damaged", where + ": the model card is no JSON object");
    ModelCard card;
    std::set<std::string> known;
    visit_card(card, [&](const char* name, auto& member) {
        known.insert(name);
        const auto found = json.find(name);
        if (found == json.end()) return;
        if (!fits(*found, member)) {
            throw ModelError("model_damaged", where + ": the model card's \"" + name + "\" is of the wrong kind (" +
                                                  found->type_name() + ")");
        }
        member = found->template get<std::remove_reference_t<decltype(member)>>();
    });
    for (const auto& [name, value] : json.items()) {
        if (!known.contains(name)) {
            throw ModelError("model_damaged", where + ": the model card has an unknown field " + in_quotes(name) +
                                                  "; a newer affectsr may have written it");
        }
    }
    return card;
}

ModelFile ModelFile::open(const std::filesystem::path& path, bool verify) {
    const MappedFile file = MappedFile::open(path);
    Safetensors content = parse_safetensors(file, path);
    const auto card = content.metadata.find(kCardKey);
    if (card == content.metadata.end()) {
        throw ModelError("no_model_card", path.string() +
                                              ": the file has no model card, so nobody knows which network its tensors "
                                              "belong to; import it with \"affectsr models import\"");
    }
    ModelFile model;
    model.card = card_from_json(parse_card(card->second, path.string()), path.string());
    model.card.sha256 = content.metadata[kHashKey];
    if (verify) {
        verify_hash(file, model.card.sha256, path);
        expect_finite(content.tensors, path.string());
    }
    model.tensors = std::move(content.tensors);
    return model;
}

void ModelFile::save(const std::filesystem::path& path) const {
    expect_finite(tensors, path.string() + " was not written");
    std::vector<std::uint8_t> bytes = safetensors_bytes(with_card(*this));
    const std::span<const std::byte> file = std::as_bytes(std::span(bytes));
    const std::size_t digits_at = find_digits(file);
    AFFECTSR_EXPECT(digits_at != std::string_view::npos, "the header was written without its hash");
    const std::string hash = hash_of_file(file, digits_at);
    std::copy(hash.begin(), hash.end(), bytes.begin() + static_cast<std::ptrdiff_t>(digits_at));
    write_file_atomically(path, std::span<const std::uint8_t>(bytes));
}

std::filesystem::path find_model(const std::string& name) {
    if (name.find('/') != std::string::npos || name.ends_with(".safetensors")) {
        if (is_file(name)) return name;
        throw ModelError("no_such_model", "there is no model file \"" + name + "\"");
    }
    std::string looked_in, known;
    for (const std::filesystem::path& place : model_places()) {
        const std::filesystem::path candidate = place / (name + ".safetensors");
        if (!name.empty() && name.find('\0') == std::string::npos && is_file(candidate)) return candidate;
        looked_in += (looked_in.empty() ? "" : ", ") + place.string();
    }
    throw ModelError("no_such_model", "there is no model \"" + name + "\" (" + name + ".safetensors) in " + looked_in +
                                          "; name a file, or the folder that holds it in AFFECTSR_MODELS");
}

std::vector<std::string> installed_models() {
    std::set<std::string> names;
    for (const std::filesystem::path& place : model_places()) {
        std::error_code unreadable;
        for (std::filesystem::directory_iterator file(place, unreadable), end; !unreadable && file != end;
             file.increment(unreadable))
            if (file->path().extension() == ".safetensors" && is_file(file->path()))
                names.insert(file->path().stem().string());
    }
    return {names.begin(), names.end()};
}

}  // namespace affectsr
