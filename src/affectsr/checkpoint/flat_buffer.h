// A FlatBuffer read in place: no offset is followed before it is checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace affectsr {

/// The tables, vectors and texts of one FlatBuffer. Offsets point forward only and the callers follow a schema without
/// recursion, so reading ends; what several tables share is counted each time it is read, and all that is read together
/// is bounded by the size of the file, so that work and memory do not depend on what it claims.
///
/// Every function throws ModelError (`model_damaged`) naming the byte at which something lies outside the file, outside
/// its table, or is more than the limits allow. Not thread-safe: it counts. Source: the FlatBuffers documentation,
/// "FlatBuffer Internals".
class FlatBuffer {
 public:
    /// A table and its vtable, both inside the file.
    struct Table {
        std::size_t at = 0, bytes = 0;
        std::size_t vtable = 0, vtable_bytes = 0;
    };
    /// Elements side by side, inside the file.
    struct Vector {
        std::size_t at = 0, count = 0;
    };

    /// `file` must outlive the object; `where` (a file name) begins every message.
    FlatBuffer(std::span<const std::byte> file, std::string where);

    /// The four characters that name the schema; empty if the file is too short to have them.
    std::string_view identifier() const;
    Table root();

    /// Field `field` of a table, in the order of the schema; `otherwise` if it is not there.
    template <class T>
    T scalar(const Table& table, int field, T otherwise = {}) const {
        const std::optional<std::size_t> at = place(table, field, sizeof(T));
        return at ? read<T>(*at) : otherwise;
    }
    std::optional<Table> table(const Table& table, int field);
    /// Empty if the field is not there. Elements of `element_bytes`, at most `most`.
    Vector vector(const Table& table, int field, std::size_t element_bytes, std::size_t most);
    /// Table number `index` of a vector of tables; `index` is below its count.
    Table element(const Vector& tables, std::size_t index);
    /// A text of at most `most` bytes, in the file's own memory; empty if it is not there.
    std::string_view text(const Table& table, int field, std::size_t most);
    /// Copies a vector of at most `most` numbers.
    template <class T>
    std::vector<T> numbers(const Table& from, int field, std::size_t most) {
        const Vector found = vector(from, field, sizeof(T), most);
        spend(found.count * sizeof(T), found.at);
        std::vector<T> copy(found.count);
        if (found.count > 0) std::memcpy(copy.data(), file_.data() + found.at, found.count * sizeof(T));
        return copy;
    }

 private:
    [[noreturn]] void refuse(const std::string& why, std::size_t at) const;
    void expect_inside(std::size_t at, std::size_t bytes, const char* what) const;
    /// Counts bytes that are read; refuses a file whose parts are shared so often that they are many times its size.
    void spend(std::size_t bytes, std::size_t at);
    template <class T>
    T read(std::size_t at) const {
        expect_inside(at, sizeof(T), "a number");
        T value;
        std::memcpy(&value, file_.data() + at, sizeof value);
        return value;
    }
    /// Where a field of so many bytes lies.
    std::optional<std::size_t> place(const Table& table, int field, std::size_t bytes) const;
    /// Where an offset leads.
    std::size_t follow(std::size_t at) const;
    Table table_at(std::size_t at);

    std::span<const std::byte> file_;
    std::string where_;
    std::size_t budget_;
};

}  // namespace affectsr
