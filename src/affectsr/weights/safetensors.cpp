#include "affectsr/weights/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>

#include "affectsr/base/error.h"
#include "affectsr/base/fields.h"
#include "affectsr/base/file.h"

namespace affectsr {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors is little-endian and is read in place");

constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kMostDimensions = 16;
constexpr std::size_t kMostMetadata = 1024;
constexpr std::size_t kMostQuoted = 80;
constexpr const char* kMetadata = "__metadata__";
constexpr std::array kTypes = {DType::f32, DType::f16, DType::bf16, DType::f64, DType::i64, DType::i32, DType::u8};

struct HeaderEntry {
    std::string name;
    std::optional<DType> type;
    std::optional<std::vector<std::int64_t>> shape;
    std::vector<std::uint64_t> offsets;  // begin, end; empty until seen
    bool has_offsets = false;
};

// Reads the header without building a JSON tree: a hostile header is refused at its first fault, and depth costs
// nothing.
class HeaderReader : public nlohmann::json_sax<nlohmann::json> {
 public:
    explicit HeaderReader(std::string where) : where_(std::move(where)) {}

    [[noreturn]] void refuse(const std::string& why) const {
        throw ModelError("model_damaged", where_ + ": " + why + "; the file is damaged or no safetensors file");
    }

    bool null() override { unexpected("null"); }
    bool boolean(bool) override { unexpected("true or false"); }
    bool number_float(double, const std::string& text) override { refuse(place() + " holds " + text); }
    bool binary(nlohmann::json::binary_t&) override { unexpected("binary data"); }
    bool number_integer(std::int64_t value) override { refuse(place() + " holds " + std::to_string(value)); }
    bool number_unsigned(std::uint64_t value) override {
        if (!in_list_) unexpected("a number");
        if (field_ == "shape") {
            if (value > INT64_MAX) refuse(place() + " holds " + std::to_string(value));
            entries_.back().shape->push_back(static_cast<std::int64_t>(value));
        } else {
            entries_.back().offsets.push_back(value);
        }
        if (entries_.back().offsets.size() > 2) refuse(place() + " holds more than two numbers");
        if (entries_.back().shape && entries_.back().shape->size() > 16)
            refuse(place() + " has more than 16 dimensions");
        return true;
    }
    bool string(std::string& text) override {
        if (depth_ == 2 && in_metadata_) {
            if (!metadata.emplace(field_, std::move(text)).second) {
                refuse("the metadata " + in_quotes(field_) + " is there twice");
            }
            if (metadata.size() > kMostMetadata)
                refuse("the metadata has over " + std::to_string(kMostMetadata) + " keys");
        } else if (depth_ == 2 && field_ == "dtype" && !in_list_) {
            set_type(text);
        } else {
            unexpected("text");
        }
        return true;
    }
    bool start_object(std::size_t) override {
        if (in_list_ || depth_ >= 2 || (depth_ == 1 && !in_metadata_ && !in_entry_)) unexpected("an object");
        ++depth_;
        return true;
    }
    bool key(std::string& name) override {
        if (depth_ == 1) return open_entry(name);
        field_ = name;
        if (in_metadata_) return true;
        const HeaderEntry& entry = entries_.back();
        if (name != "dtype" && name != "shape" && name != "data_offsets") {
            refuse("tensor " + in_quotes(entry.name) + " has an unknown field " + in_quotes(name));
        }
        if ((name == "dtype" && entry.type) || (name == "shape" && entry.shape) ||
            (name == "data_offsets" && entry.has_offsets)) {
            refuse(place() + " is there twice");
        }
        return true;
    }
    bool end_object() override {
        if (depth_ == 2 && in_entry_) {
            const HeaderEntry& entry = entries_.back();
            if (!entry.type || !entry.shape || entry.offsets.size() != 2) {
                refuse("tensor " + in_quotes(entry.name) + " does not tell its dtype, shape and two data_offsets");
            }
        }
        --depth_;
        in_entry_ = in_metadata_ = false;
        field_.clear();
        return true;
    }
    bool start_array(std::size_t) override {
        if (depth_ != 2 || in_list_ || in_metadata_ || (field_ != "shape" && field_ != "data_offsets")) {
            unexpected("a list");
        }
        in_list_ = true;
        if (field_ == "shape") entries_.back().shape.emplace();
        if (field_ == "data_offsets") entries_.back().has_offsets = true;
        return true;
    }
    bool end_array() override {
        in_list_ = false;
        return true;
    }
    bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
        refuse("the header is not JSON at its byte " + std::to_string(position));
    }

    std::vector<HeaderEntry>& entries() { return entries_; }
    std::map<std::string, std::string> metadata;

 private:
    [[noreturn]] void unexpected(const std::string& what) const {
        refuse(depth_ == 0 ? "the header is " + what : place() + " is " + what);
    }
    std::string place() const {
        if (depth_ == 0) return "the header";
        if (in_metadata_) return "the metadata " + in_quotes(field_);
        if (!in_entry_) return "the header";
        return "tensor " + in_quotes(entries_.back().name) + (field_.empty() ? "" : ": " + field_);
    }
    bool open_entry(std::string& name) {
        if (name == kMetadata) {
            if (seen_metadata_) refuse("the metadata is there twice");
            in_metadata_ = seen_metadata_ = true;
        } else {
            entries_.emplace_back().name = std::move(name);
            in_entry_ = true;
        }
        return true;
    }
    void set_type(const std::string& text) {
        for (DType type : kTypes) {
            if (text == name_of(type)) entries_.back().type = type;
        }
        if (!entries_.back().type)
            refuse(place() + " is " + in_quotes(text) + "; known are F32, F16, BF16, F64, I64, I32, U8");
    }

    std::string where_;
    std::vector<HeaderEntry> entries_;
    int depth_ = 0;
    bool in_list_ = false, in_entry_ = false, in_metadata_ = false, seen_metadata_ = false;
    std::string field_;
};

// The format allows neither holes nor sharing: in the order of their offsets, each tensor begins where the last one
// ended.
void check_places(std::vector<HeaderEntry>& entries, std::uint64_t data_bytes, const HeaderReader& reader) {
    std::sort(entries.begin(), entries.end(),
              [](const HeaderEntry& a, const HeaderEntry& b) { return a.offsets < b.offsets; });
    std::uint64_t end = 0;
    for (const HeaderEntry& entry : entries) {
        const std::string tensor = "tensor " + in_quotes(entry.name);
        const std::uint64_t first = entry.offsets[0], last = entry.offsets[1];
        if (first > last || last > data_bytes) {
            reader.refuse(tensor + " lies at bytes " + std::to_string(first) + " to " + std::to_string(last) + " of " +
                          std::to_string(data_bytes));
        }
        if (first < end) reader.refuse(tensor + " overlaps the tensor before it");
        if (first > end)
            reader.refuse(std::to_string(first - end) + " bytes before " + tensor + " belong to no tensor");
        std::uint64_t wanted = bytes_of(*entry.type);
        for (std::int64_t side : *entry.shape) {
            if (__builtin_mul_overflow(wanted, static_cast<std::uint64_t>(side), &wanted)) {
                reader.refuse(tensor + " has a shape that overflows");
            }
        }
        if (wanted != last - first) {
            reader.refuse(tensor + " has " + std::to_string(last - first) + " bytes, but its shape needs " +
                          std::to_string(wanted));
        }
        end = last;
    }
    if (end != data_bytes) reader.refuse(std::to_string(data_bytes - end) + " bytes follow the last tensor");
}

HostTensor tensor_of(const HeaderEntry& entry, const MappedFile& file, std::size_t data_start) {
    const std::size_t bytes = entry.offsets[1] - entry.offsets[0];
    std::shared_ptr<const std::byte> memory = file.part(data_start + entry.offsets[0]);
    if (reinterpret_cast<std::uintptr_t>(memory.get()) % bytes_of(*entry.type) != 0) {
        std::shared_ptr<std::byte[]> copy(new std::byte[bytes]);  // another writer did not align its tensors
        std::memcpy(copy.get(), memory.get(), bytes);
        memory = std::shared_ptr<const std::byte>(copy, copy.get());
    }
    return {*entry.type, *entry.shape, std::move(memory), bytes};
}

}  // namespace

std::string in_quotes(const std::string& name) {
    if (name.size() <= kMostQuoted) return '"' + name + '"';
    std::size_t end = kMostQuoted;
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) --end;  // not inside a UTF-8 letter
    return '"' + name.substr(0, end) + "…\"";
}

std::string_view safetensors_header(const MappedFile& file, const std::filesystem::path& path) {
    const HeaderReader reader(path.string());
    const std::span<const std::byte> bytes = file.bytes();
    if (bytes.empty()) reader.refuse("the file is empty");
    if (bytes.size() < kLengthBytes) reader.refuse("the file has only " + std::to_string(bytes.size()) + " bytes");
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), kLengthBytes);
    if (length > kMostHeaderBytes) {
        reader.refuse("the header claims " + std::to_string(length) + " bytes, over the limit of " +
                      std::to_string(kMostHeaderBytes));
    }
    if (length > bytes.size() - kLengthBytes) {
        reader.refuse("the header claims " + std::to_string(length) + " bytes, the file has " +
                      std::to_string(bytes.size() - kLengthBytes) + " after the length");
    }
    if (length < 2) reader.refuse("the header claims " + std::to_string(length) + " bytes");
    const std::string_view header(reinterpret_cast<const char*>(bytes.data()) + kLengthBytes, length);
    if (header.front() != '{') reader.refuse("the header does not begin with \"{\"");
    return header;
}

Safetensors parse_safetensors(const MappedFile& file, const std::filesystem::path& path) {
    const std::string_view header = safetensors_header(file, path);
    HeaderReader reader(path.string());
    nlohmann::json::sax_parse(header.data(), header.data() + header.size(), &reader);
    const std::size_t data_start = kLengthBytes + header.size();
    check_places(reader.entries(), file.bytes().size() - data_start, reader);
    Safetensors content;
    content.metadata = std::move(reader.metadata);
    for (const HeaderEntry& entry : reader.entries()) {
        if (!content.tensors.emplace(entry.name, tensor_of(entry, file, data_start)).second) {
            reader.refuse("tensor " + in_quotes(entry.name) + " is there twice");
        }
    }
    return content;
}

std::vector<std::uint8_t> safetensors_bytes(const Safetensors& content) {
    std::vector<const TensorMap::value_type*> order;
    for (const auto& named : content.tensors) order.push_back(&named);
    std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
        return bytes_of(a->second.type()) > bytes_of(b->second.type());
    });
    std::size_t end = 0;
    Json header = Json::object();
    if (!content.metadata.empty()) header[kMetadata] = content.metadata;
    for (const auto* named : order) {
        const auto& [name, tensor] = *named;
        AFFECTSR_EXPECT(name != kMetadata, "a tensor cannot be called __metadata__");
        const std::size_t begin = end;
        end += tensor.bytes().size();
        header[name] = {{"dtype", name_of(tensor.type())}, {"shape", tensor.shape()}, {"data_offsets", {begin, end}}};
    }
    std::string text;
    try {
        text = header.dump();
    } catch (const nlohmann::json::exception& error) {
        throw ModelError("bad_name", std::string("a tensor's name or a card's text is not UTF-8: ") + error.what());
    }
    text.append((kLengthBytes - text.size() % kLengthBytes) % kLengthBytes, ' ');
    if (text.size() > kMostHeaderBytes) {
        throw ModelError("model_too_large", "the names, shapes and card of the model take " +
                                                std::to_string(text.size()) + " bytes, over the limit of " +
                                                std::to_string(kMostHeaderBytes));
    }
    const std::uint64_t length = text.size();
    std::vector<std::uint8_t> bytes(kLengthBytes + text.size() + end);
    std::memcpy(bytes.data(), &length, kLengthBytes);
    std::memcpy(bytes.data() + kLengthBytes, text.data(), text.size());
    std::uint8_t* place = bytes.data() + kLengthBytes + text.size();
    for (const auto* named : order) {
        const std::span<const std::byte> values = named->second.bytes();
        if (!values.empty()) std::memcpy(place, values.data(), values.size());
        place += values.size();
    }
    return bytes;
}

Safetensors read_safetensors(const std::filesystem::path& path) {
    return parse_safetensors(MappedFile::open(path), path);
}

void write_safetensors(const std::filesystem::path& path, const Safetensors& content) {
    write_file_atomically(path, std::span<const std::uint8_t>(safetensors_bytes(content)));
}

}  // namespace affectsr
