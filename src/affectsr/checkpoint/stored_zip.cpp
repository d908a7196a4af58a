#include "affectsr/checkpoint/stored_zip.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "affectsr/base/error.h"
#include "affectsr/checkpoint/pickle_scanner.h"

namespace affectsr {

namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::uint64_t kEntrySignature = 0x02014b50, kLocalSignature = 0x04034b50, kEndSignature = 0x06054b50;
constexpr std::uint64_t kZip64EndSignature = 0x06064b50, kZip64LocatorSignature = 0x07064b50;
constexpr std::size_t kEntryBytes = 46, kLocalBytes = 30, kEndBytes = 22, kZip64EndBytes = 56, kZip64LocatorBytes = 20;
constexpr std::size_t kMostComment = 0xFFFF;
constexpr std::size_t kMostTrailing = 1u << 20;  // bytes behind an archive that are looked through for its end
constexpr std::size_t kMostEntries = 65536;
constexpr std::uint64_t kInZip64 = 0xFFFFFFFF;  // a 32-bit field that says "see the zip64 record"
constexpr std::uint64_t kEncrypted = 1u | 1u << 6 | 1u << 13;
constexpr std::uint64_t kSizesFollow = 1u << 3;  // the local header leaves sizes and CRC to a record behind the content

}  // namespace

std::uint32_t crc_32(std::span<const std::byte> bytes) {
    // Eight bytes a turn (slicing-by-8, Kounavis and Berry 2005): table[k] carries a byte over k further bytes.
    static const auto tables = [] {
        std::array<std::array<std::uint32_t, 256>, 8> made{};
        for (std::uint32_t i = 0; i < 256; ++i) {
            std::uint32_t crc = i;
            for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? 0xEDB88320 ^ (crc >> 1) : crc >> 1;
            made[0][i] = crc;
        }
        for (std::size_t k = 1; k < 8; ++k)
            for (std::size_t i = 0; i < 256; ++i) made[k][i] = made[0][made[k - 1][i] & 0xFF] ^ (made[k - 1][i] >> 8);
        return made;
    }();
    std::uint32_t crc = 0xFFFFFFFF;
    for (; bytes.size() >= 8; bytes = bytes.subspan(8)) {
        std::uint64_t eight = 0;
        std::memcpy(&eight, bytes.data(), 8);  // little-endian, as the tables want it
        eight ^= crc;
        crc = 0;
        for (std::size_t k = 0; k < 8; ++k) crc ^= tables[7 - k][eight >> (8 * k) & 0xFF];
    }
    for (const std::byte byte : bytes) crc = tables[0][(crc ^ static_cast<std::uint32_t>(byte)) & 0xFF] ^ (crc >> 8);
    return ~crc;
}

void StoredZip::refuse(const std::string& why) const {
    throw ModelError("model_damaged", where_ + ": the zip archive is damaged: " + why);
}

std::uint64_t StoredZip::number(std::uint64_t at, int width) const {
    if (at > file_.size() || static_cast<std::uint64_t>(width) > file_.size() - at) refuse("it is cut off");
    std::uint64_t value = 0;
    for (int i = width; i-- > 0;) value = value << 8 | static_cast<unsigned char>(file_[at + static_cast<unsigned>(i)]);
    return value;
}

StoredZip::Directory StoredZip::read_zip64_end(std::uint64_t locator, const Directory& claimed) const {
    const std::uint64_t end = number(locator + 8, 8);
    if (locator < kZip64EndBytes || end > locator - kZip64EndBytes) refuse("its zip64 record is out of the file");
    if (number(end, 4) != kZip64EndSignature) refuse("its zip64 record is missing");
    const std::uint64_t length = number(end + 4, 8);
    if (length != locator - end - 12) refuse("its zip64 record has the wrong length");
    if (number(end + 16, 4) != 0 || number(end + 20, 4) != 0 || number(end + 24, 8) != number(end + 32, 8))
        throw ModelError("unknown_checkpoint", where_ + ": the zip archive is one of several parts");
    const Directory directory{number(end + 48, 8), number(end + 40, 8), number(end + 32, 8)};
    const auto agree = [](std::uint64_t told, std::uint64_t zip64, std::uint64_t all_ones) {
        return told == all_ones || told == zip64;
    };
    if (!agree(claimed.begin, directory.begin, kInZip64) || !agree(claimed.size, directory.size, kInZip64) ||
        !agree(claimed.entries, directory.entries, 0xFFFF))
        refuse("its two end records contradict each other");
    if (directory.size > end || directory.begin != end - directory.size)
        refuse("its directory does not lie before its end");
    return directory;
}

/// Tells bytes behind the archive's end from an end that is not there. `first`: where an end was looked for.
void StoredZip::refuse_without_end(std::size_t first) const {
    const std::size_t farthest = first > kMostTrailing ? first - kMostTrailing : 0;
    for (std::size_t end = file_.size() - kEndBytes + 1; end-- > farthest;) {
        if (number(end, 4) != kEndSignature) continue;
        const std::uint64_t size = number(end + 12, 4), begin = number(end + 16, 4);
        const bool is_end =
            begin + size == end || size == kInZip64 || begin == kInZip64 ||
            (end >= kZip64LocatorBytes && number(end - kZip64LocatorBytes, 4) == kZip64LocatorSignature);
        if (!is_end) continue;
        const std::uint64_t after = file_.size() - end - kEndBytes, comment = number(end + 20, 2);
        if (after > comment)
            refuse(std::to_string(after - comment) +
                   " bytes follow its end; something was appended to it, fetch the file again");
        refuse("its comment of " + std::to_string(comment) + " bytes is cut off");
    }
    refuse("its end is missing; the download may have been cut off");
}

StoredZip::Directory StoredZip::find_directory() const {
    if (file_.size() < kEndBytes) refuse("it is cut off");
    const std::size_t last = file_.size() - kEndBytes;
    const std::size_t first = last > kMostComment ? last - kMostComment : 0;
    std::size_t end = last;
    while (number(end, 4) != kEndSignature || number(end + 20, 2) != last - end) {
        if (end == first) refuse_without_end(first);
        --end;
    }
    if (number(end + 4, 2) != 0 || number(end + 6, 2) != 0 || number(end + 8, 2) != number(end + 10, 2))
        throw ModelError("unknown_checkpoint", where_ + ": the zip archive is one of several parts");
    const Directory directory{number(end + 16, 4), number(end + 12, 4), number(end + 10, 2)};
    if (end >= kZip64LocatorBytes && number(end - kZip64LocatorBytes, 4) == kZip64LocatorSignature)
        return read_zip64_end(end - kZip64LocatorBytes, directory);
    if (directory.size > end || directory.begin != end - directory.size)
        refuse("its directory does not lie before its end");
    return directory;
}

void StoredZip::read_zip64_sizes(std::string_view extra, std::uint64_t& size, std::uint64_t& stored,
                                 std::uint64_t& record) const {
    const auto take = [this](std::string_view& bytes, std::size_t width) {
        if (bytes.size() < width) refuse("an entry's extra field is cut off");
        std::uint64_t value = 0;
        for (std::size_t i = width; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
        bytes.remove_prefix(width);
        return value;
    };
    while (extra.size() >= 4) {
        const std::uint64_t kind = take(extra, 2), length = take(extra, 2);
        if (length > extra.size()) refuse("an entry's extra field is cut off");
        std::string_view field = extra.substr(0, length);
        extra.remove_prefix(length);
        if (kind != 1) continue;
        for (std::uint64_t* value : {&size, &stored, &record})
            if (*value == kInZip64) *value = take(field, 8);
        return;
    }
}

void StoredZip::check_name(std::string_view name) const {
    if (name.empty() || name.front() == '/' ||
        name.find_first_of(std::string_view("\\:\0", 3)) != std::string_view::npos)
        refuse("an entry is called " + shown(name));
    for (std::size_t begin = 0; begin <= name.size();) {
        const std::size_t slash = std::min(name.find('/', begin), name.size());
        const std::string_view part = name.substr(begin, slash - begin);
        if (part == ".." || part == ".")
            refuse("an entry is called " + shown(name) + ", which leads out of its folder");
        begin = slash + 1;
    }
}

void StoredZip::check_local_header(Entry& entry, const Directory& directory) const {
    const std::uint64_t at = entry.record;
    const std::string named = "entry " + shown(entry.name);
    if (at > directory.begin || directory.begin - at < kLocalBytes || number(at, 4) != kLocalSignature)
        refuse(named + " is not where the directory says");
    const std::uint64_t name = number(at + 26, 2), extra = number(at + 28, 2);
    const std::uint64_t room = directory.begin - at - kLocalBytes;
    if (name + extra > room || entry.size > room - name - extra)
        refuse(named + " claims " + std::to_string(entry.size) + " bytes, more than the file has");
    if (file_.substr(at + kLocalBytes, name) != entry.name) refuse(named + " has another name in its own header");
    if ((number(at + 8, 2) != 0) != entry.compressed)
        refuse(named + (entry.compressed ? " is not" : " is") + " compressed in its own header");
    entry.begin = at + kLocalBytes + name + extra;
    if (entry.compressed) return;  // nothing reads it
    if (number(at + 6, 2) & kSizesFollow) return;
    std::uint64_t size = number(at + 22, 4), stored = number(at + 18, 4), unused = 0;
    read_zip64_sizes(file_.substr(at + kLocalBytes + name, extra), size, stored, unused);
    if (size != entry.size || stored != entry.size || number(at + 14, 4) != entry.crc_32)
        refuse(named + " has another size or CRC in its own header");
}

StoredZip::Entry StoredZip::read_entry(std::uint64_t& at, const Directory& directory) const {
    const std::uint64_t end = directory.begin + directory.size;
    if (end - at < kEntryBytes || number(at, 4) != kEntrySignature) refuse("its directory is cut off");
    const std::uint64_t flags = number(at + 8, 2), method = number(at + 10, 2);
    const std::uint64_t name = number(at + 28, 2), extra = number(at + 30, 2), comment = number(at + 32, 2);
    if (name + extra + comment > end - at - kEntryBytes) refuse("its directory is cut off");
    Entry entry;
    entry.name = file_.substr(at + kEntryBytes, name);
    entry.crc_32 = static_cast<std::uint32_t>(number(at + 16, 4));
    std::uint64_t size = number(at + 24, 4), stored = number(at + 20, 4), record = number(at + 42, 4);
    read_zip64_sizes(file_.substr(at + kEntryBytes + name, extra), size, stored, record);
    check_name(entry.name);
    if (flags & kEncrypted)
        throw ModelError("unknown_checkpoint", where_ + ": entry " + shown(entry.name) + " is encrypted");
    entry.compressed = method != 0;
    if (size != stored && !entry.compressed)
        refuse("entry " + shown(entry.name) + " is stored in another size than its own");
    entry.size = stored;
    entry.record = record;
    check_local_header(entry, directory);
    at += kEntryBytes + name + extra + comment;
    return entry;
}

void StoredZip::check_overlap() const {
    std::vector<const Entry*> order;
    for (const Entry& entry : entries_) order.push_back(&entry);
    std::sort(order.begin(), order.end(), [](const Entry* a, const Entry* b) { return a->record < b->record; });
    for (std::size_t i = 1; i < order.size(); ++i)
        if (order[i]->record < order[i - 1]->begin + order[i - 1]->size)
            refuse("entry " + shown(order[i]->name) + " overlaps entry " + shown(order[i - 1]->name));
}

StoredZip::StoredZip(std::span<const std::byte> file, std::string where)
    : file_(reinterpret_cast<const char*>(file.data()), file.size()), where_(std::move(where)) {
    const Directory directory = find_directory();
    if (directory.entries > kMostEntries)
        refuse("it claims " + std::to_string(directory.entries) + " entries, the limit is " +
               std::to_string(kMostEntries));
    std::uint64_t at = directory.begin;
    for (std::uint64_t i = 0; i < directory.entries; ++i) entries_.push_back(read_entry(at, directory));
    if (at != directory.begin + directory.size) refuse("its directory has more bytes than entries");
    std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
    for (std::size_t i = 1; i < entries_.size(); ++i)
        if (entries_[i].name == entries_[i - 1].name) refuse("entry " + shown(entries_[i].name) + " is there twice");
    check_overlap();
}

const StoredZip::Entry* StoredZip::find(std::string_view name) const {
    const auto found =
        std::lower_bound(entries_.begin(), entries_.end(), name,
                         [](const Entry& entry, std::string_view wanted) { return entry.name < wanted; });
    return found != entries_.end() && found->name == name ? &*found : nullptr;
}

void StoredZip::refuse_compressed(const Entry& entry) const {
    throw ModelError("unknown_checkpoint", where_ + ": entry " + shown(entry.name) +
                                               " is compressed; PyTorch stores its entries as they are");
}

void StoredZip::refuse_compressed() const {
    for (const Entry& entry : entries_)
        if (entry.compressed) refuse_compressed(entry);
}

std::span<const std::byte> StoredZip::verified(const Entry& entry) const {
    if (entry.compressed) refuse_compressed(entry);
    const auto content = std::as_bytes(std::span(file_)).subspan(entry.begin, entry.size);
    if (crc_32(content) != entry.crc_32)
        refuse("the content of entry " + shown(entry.name) + " does not have its CRC-32; fetch the file again");
    return content;
}

}  // namespace affectsr
