// Writes PyTorch checkpoints byte by byte, good and hostile ones, for the tests of their readers.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "affectsr/checkpoint/stored_zip.h"

namespace affectsr::test_checkpoints {

/// A number as little-endian bytes.
inline std::string little(std::uint64_t number, std::size_t width) {
    std::string bytes(width, '\0');
    for (std::size_t i = 0; i < width && i < 8; ++i) bytes[i] = static_cast<char>(number >> (8 * i) & 0xFF);
    return bytes;
}

template <class T>
std::string bytes_of_values(const std::vector<T>& values) {
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

inline std::string repeated(const std::string& text, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i) all += text;
    return all;
}

// Values of a pickle, as the operations that make them (protocol 2).
inline std::string text(const std::string& value) {
    return std::string("X") + little(value.size(), 4) + value;
}
inline std::string number(std::int64_t value) {
    return std::string("\x8a\x08") + little(static_cast<std::uint64_t>(value), 8);
}
inline std::string none() {
    return "N";
}
inline std::string tuple(const std::vector<std::string>& items) {
    std::string all = "(";
    for (const std::string& item : items) all += item;
    return all + "t";
}
inline std::string numbers(const std::vector<std::int64_t>& values) {
    std::vector<std::string> items;
    for (const std::int64_t value : values) items.push_back(number(value));
    return tuple(items);
}
inline std::string list(const std::vector<std::string>& items) {
    std::string all = "](";
    for (const std::string& item : items) all += item;
    return all + "e";
}
using Pairs = std::vector<std::pair<std::string, std::string>>;  // key as it is, value as operations
inline std::string items(const Pairs& pairs) {
    std::string all = "(";
    for (const auto& [key, value] : pairs) all += text(key) + value;
    return all + "u";
}
inline std::string dict(const Pairs& pairs) {
    return std::string("}") + items(pairs);
}
inline std::string global(const std::string& module, const std::string& name) {
    return std::string("c") + module + "\n" + name + "\n";
}
inline std::string call(const std::string& callee, const std::vector<std::string>& arguments) {
    return callee + tuple(arguments) + "R";
}
inline std::string ordered_dict(const Pairs& pairs) {
    return call(global("collections", "OrderedDict"), {}) + items(pairs);
}
inline std::string pickle(const std::string& operations) {
    return std::string("\x80\x02") + operations + ".";
}

// What torch.save writes for tensors.
inline std::string storage(const std::string& type, const std::string& key, std::int64_t count,
                           const std::string& more = "") {
    return std::string("(") + text("storage") + global("torch", type + "Storage") + text(key) + text("cpu") +
           number(count) + more + "tQ";
}
inline std::string tensor_of(const std::string& storage, std::int64_t offset, const std::vector<std::int64_t>& sizes,
                             const std::vector<std::int64_t>& strides) {
    return call(global("torch._utils", "_rebuild_tensor_v2"),
                {storage, number(offset), numbers(sizes), numbers(strides), "\x89", ordered_dict({})});
}
/// A float tensor of one dimension that is a whole storage.
inline std::string vector_of(const std::string& key, std::int64_t count) {
    return tensor_of(storage("Float", key, count), 0, {count}, {1});
}

/// One entry of an archive, honest unless told otherwise.
struct ZipEntry {
    std::string name, content;
    std::uint64_t claimed = ~std::uint64_t{0};  // size; all ones: the true one
    std::uint16_t method = 0, flags = 0;
    std::string local_name = {};  // empty: as in the directory
    std::int64_t moved = 0;       // how far the directory points from the true place
    bool damaged = false;         // a wrong CRC
};

/// An archive; with `zip64`, sizes stand in extra fields and the end in a zip64 record too, as PyTorch writes it.
inline std::string zip(const std::vector<ZipEntry>& entries, bool zip64 = false) {
    std::string file, directory;
    for (const ZipEntry& entry : entries) {
        const std::uint64_t at = file.size() + static_cast<std::uint64_t>(entry.moved);
        const std::uint64_t size = entry.claimed == ~std::uint64_t{0} ? entry.content.size() : entry.claimed;
        const std::string local = entry.local_name.empty() ? entry.name : entry.local_name;
        const auto told = [&](std::uint64_t value) { return little(zip64 ? 0xFFFFFFFF : value, 4); };
        const std::string extra = zip64 ? little(1, 2) + little(16, 2) + little(size, 8) + little(size, 8) : "";
        const std::string extra_at = zip64 ? little(1, 2) + little(24, 2) + extra.substr(4) + little(at, 8) : "";
        const std::uint32_t crc = crc_32(std::as_bytes(std::span(entry.content))) + (entry.damaged ? 1 : 0);
        const std::string shared =
            little(entry.flags, 2) + little(entry.method, 2) + little(0, 4) + little(crc, 4) + told(size) + told(size);
        file += std::string("PK\x03\x04") + little(20, 2) + shared + little(local.size(), 2) + little(extra.size(), 2) +
                local + extra + entry.content;
        directory += std::string("PK\x01\x02") + little(20, 2) + little(20, 2) + shared + little(entry.name.size(), 2) +
                     little(extra_at.size(), 2) + little(0, 10) + told(at) + entry.name + extra_at;
    }
    const std::uint64_t begin = file.size(), end = begin + directory.size();
    file += directory;
    if (zip64)
        file += std::string("PK\x06\x06") + little(44, 8) + little(45, 2) + little(45, 2) + little(0, 8) +
                little(entries.size(), 8) + little(entries.size(), 8) + little(directory.size(), 8) + little(begin, 8) +
                "PK\x06\x07" + little(0, 4) + little(end, 8) + little(1, 4);
    const std::uint64_t count = zip64 ? 0xFFFF : entries.size();
    return file + "PK\x05\x06" + little(0, 4) + little(count, 2) + little(count, 2) +
           little(zip64 ? 0xFFFFFFFF : directory.size(), 4) + little(zip64 ? 0xFFFFFFFF : begin, 4) + little(0, 2);
}

/// A storage of a file: its key, elements and bytes.
struct StoredValues {
    std::string key;
    std::int64_t count;
    std::string bytes;
};
template <class T>
StoredValues stored(const std::string& key, const std::vector<T>& values) {
    return {key, static_cast<std::int64_t>(values.size()), bytes_of_values(values)};
}

inline std::vector<ZipEntry> zip_entries(const std::string& operations, const std::vector<StoredValues>& storages) {
    std::vector<ZipEntry> entries = {{"archive/data.pkl", pickle(operations)}};
    for (const StoredValues& storage : storages) entries.push_back({"archive/data/" + storage.key, storage.bytes});
    entries.push_back({"archive/version", "3\n"});
    return entries;
}
/// A checkpoint as PyTorch has written it since 1.6.
inline std::string zip_checkpoint(const std::string& operations, const std::vector<StoredValues>& storages = {}) {
    return zip(zip_entries(operations, storages));
}

inline std::string legacy_head(bool little_endian = true) {
    return pickle("\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19") + pickle("M\xe9\x03") +
           pickle(dict({{"protocol_version", "M\xe9\x03"}, {"little_endian", little_endian ? "\x88" : "\x89"}}));
}
/// A checkpoint as PyTorch wrote it before 1.6.
inline std::string legacy_checkpoint(const std::string& operations, const std::vector<StoredValues>& storages = {}) {
    std::vector<std::string> keys;
    std::string bytes;
    for (const StoredValues& storage : storages) {
        keys.push_back(text(storage.key));
        bytes += little(static_cast<std::uint64_t>(storage.count), 8) + storage.bytes;
    }
    return legacy_head() + pickle(operations) + pickle(list(keys)) + bytes;
}

}  // namespace affectsr::test_checkpoints
