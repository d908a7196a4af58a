// A zip archive of stored entries, read where it lies in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace affectsr {

/// The directory of a zip archive that stores its entries uncompressed, as PyTorch writes them. Nothing is unpacked, so
/// a name is only ever compared, never used as a path. Immutable, so safe to share between threads.
class StoredZip {
 public:
    /// One file of the archive.
    struct Entry {
        std::string_view name;
        std::size_t record = 0;    ///< byte of the archive at which its local header begins
        std::size_t begin = 0;     ///< byte of the archive at which its content begins
        std::size_t size = 0;      ///< bytes of content
        std::uint32_t crc_32 = 0;  ///< of the content
        bool compressed = false;   ///< its content cannot be read here; `size` is what it takes in the archive
    };

    /// Reads the directory of the archive in `file`, which must outlive the object; `where` begins every message. Zip64
    /// is read. Throws ModelError: `unknown_checkpoint` for an encrypted entry or an archive in several parts;
    /// `model_damaged` for a directory that is cut off, contradicts itself, its end records or the entries' own
    /// headers; for bytes behind its end; for entries that overlap or reach out of the file; for names that are there
    /// twice, absolute, or lead out of a folder; for over 65,536 entries. Source: PKWARE APPNOTE 6.3.10, sections 4.3
    /// to 4.5.
    StoredZip(std::span<const std::byte> file, std::string where);

    const std::vector<Entry>& entries() const { return entries_; }  ///< in the order of their names
    const Entry* find(std::string_view name) const;                 ///< nullptr: there is none
    /// Throws ModelError (`unknown_checkpoint`) that names the first compressed entry, if there is one.
    void refuse_compressed() const;
    /// The content of an entry. Throws ModelError: `unknown_checkpoint` if it is compressed, `model_damaged` if its
    /// CRC-32 is not the one that was written.
    std::span<const std::byte> verified(const Entry& entry) const;

 private:
    struct Directory {
        std::uint64_t begin = 0, size = 0, entries = 0;
    };
    [[noreturn]] void refuse(const std::string& why) const;
    std::uint64_t number(std::uint64_t at, int width) const;
    [[noreturn]] void refuse_compressed(const Entry& entry) const;
    Directory find_directory() const;
    [[noreturn]] void refuse_without_end(std::size_t first) const;
    Directory read_zip64_end(std::uint64_t locator, const Directory& claimed) const;
    Entry read_entry(std::uint64_t& at, const Directory& directory) const;
    void read_zip64_sizes(std::string_view extra, std::uint64_t& size, std::uint64_t& stored,
                          std::uint64_t& record) const;
    void check_name(std::string_view name) const;
    void check_local_header(Entry& entry, const Directory& directory) const;
    void check_overlap() const;

    std::string_view file_;
    std::string where_;
    std::vector<Entry> entries_;
};

/// CRC-32 of zip and PNG (reflected polynomial 0xEDB88320).
std::uint32_t crc_32(std::span<const std::byte> bytes);

}  // namespace affectsr
