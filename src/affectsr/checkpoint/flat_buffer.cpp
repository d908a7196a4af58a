#include "affectsr/checkpoint/flat_buffer.h"

#include <bit>
#include <utility>

#include "affectsr/base/error.h"

namespace affectsr {

namespace {

static_assert(std::endian::native == std::endian::little, "the numbers of a FlatBuffer are read in place");

constexpr std::size_t kOffsetBytes = 4;
// An honest file is read about once; vtables are shared by many tables, shapes by some.
constexpr std::size_t kMostReadings = 8, kLeastBudget = 1u << 16;

}  // namespace

FlatBuffer::FlatBuffer(std::span<const std::byte> file, std::string where)
    : file_(file), where_(std::move(where)), budget_(kLeastBudget + kMostReadings * file.size()) {}

void FlatBuffer::refuse(const std::string& why, std::size_t at) const {
    throw ModelError("model_damaged",
                     where_ + ": the FlatBuffer is damaged at byte " + std::to_string(at) + ": " + why);
}

void FlatBuffer::expect_inside(std::size_t at, std::size_t bytes, const char* what) const {
    if (at > file_.size() || bytes > file_.size() - at) refuse(std::string(what) + " reaches out of the file", at);
}

void FlatBuffer::spend(std::size_t bytes, std::size_t at) {
    if (bytes > budget_) refuse("it says the same so often that it is many times its own size", at);
    budget_ -= bytes;
}

std::string_view FlatBuffer::identifier() const {
    if (file_.size() < 2 * kOffsetBytes) return {};
    return {reinterpret_cast<const char*>(file_.data()) + kOffsetBytes, 4};
}

std::size_t FlatBuffer::follow(std::size_t at) const {
    const std::size_t to = at + read<std::uint32_t>(at);
    expect_inside(to, kOffsetBytes, "what an offset leads to");
    if (to == at) refuse("an offset leads to itself", at);
    return to;
}

FlatBuffer::Table FlatBuffer::table_at(std::size_t at) {
    Table table{.at = at};
    const std::int64_t vtable = static_cast<std::int64_t>(at) - read<std::int32_t>(at);
    if (vtable < 0) refuse("a table's layout lies before the file", at);
    table.vtable = static_cast<std::size_t>(vtable);
    table.vtable_bytes = read<std::uint16_t>(table.vtable);
    table.bytes = read<std::uint16_t>(table.vtable + 2);
    if (table.vtable_bytes < 4 || table.bytes < 4) refuse("a table is smaller than its own header", at);
    expect_inside(table.vtable, table.vtable_bytes, "a table's layout");
    expect_inside(at, table.bytes, "a table");
    spend(table.bytes, at);
    return table;
}

FlatBuffer::Table FlatBuffer::root() {
    return table_at(follow(0));
}

std::optional<std::size_t> FlatBuffer::place(const Table& table, int field, std::size_t bytes) const {
    const std::size_t entry = 4 + 2 * static_cast<std::size_t>(field);
    if (entry + 2 > table.vtable_bytes) return std::nullopt;
    const std::size_t offset = read<std::uint16_t>(table.vtable + entry);
    if (offset == 0) return std::nullopt;
    if (offset + bytes > table.bytes) refuse("field " + std::to_string(field) + " reaches out of its table", table.at);
    return table.at + offset;
}

std::optional<FlatBuffer::Table> FlatBuffer::table(const Table& table, int field) {
    const std::optional<std::size_t> at = place(table, field, kOffsetBytes);
    return at ? std::optional(table_at(follow(*at))) : std::nullopt;
}

FlatBuffer::Vector FlatBuffer::vector(const Table& table, int field, std::size_t element_bytes, std::size_t most) {
    const std::optional<std::size_t> at = place(table, field, kOffsetBytes);
    if (!at) return {};
    const std::size_t begin = follow(*at);
    const std::size_t count = read<std::uint32_t>(begin);
    if (count > most)
        refuse("a vector has " + std::to_string(count) + " elements, the limit is " + std::to_string(most), begin);
    expect_inside(begin + kOffsetBytes, count * element_bytes, "a vector");
    return {begin + kOffsetBytes, count};
}

FlatBuffer::Table FlatBuffer::element(const Vector& tables, std::size_t index) {
    return table_at(follow(tables.at + index * kOffsetBytes));
}

std::string_view FlatBuffer::text(const Table& table, int field, std::size_t most) {
    const Vector found = vector(table, field, 1, most);
    spend(found.count, found.at);
    return {reinterpret_cast<const char*>(file_.data()) + found.at, found.count};
}

}  // namespace affectsr
