// A folder that a test fills with lists and pictures; it goes away with the object.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

#include "affectsr/base/error.h"
#include "affectsr/image/codec.h"

namespace affectsr {

/// For tests only. Each object has a folder of its own, so tests may run side by side.
class TestFolder {
 public:
    TestFolder() : path_(std::filesystem::temp_directory_path() / "affectsr_data_XXXXXX") {
        std::string name = path_.string();
        if (::mkdtemp(name.data()) == nullptr) throw ResourceError("cannot_write", name + ": cannot be made");
        path_ = name;
        std::filesystem::permissions(path_, std::filesystem::perms(0755));  // AsNobody may look into it
    }
    ~TestFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TestFolder(const TestFolder&) = delete;
    TestFolder& operator=(const TestFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }
    /// Writes a text; folders above it are made.
    void write(const std::filesystem::path& relative, std::string_view text) const {
        std::filesystem::create_directories((path_ / relative).parent_path());
        std::ofstream(path_ / relative, std::ios::binary) << text;
    }
    /// Sets the permission bits, such as 0 or 0444.
    void permit(const std::filesystem::path& relative, unsigned bits) const {
        std::filesystem::permissions(path_ / relative, static_cast<std::filesystem::perms>(bits));
    }
    /// Writes a picture of one grey level as PNG bytes, whatever the extension.
    void picture(const std::filesystem::path& relative, std::uint8_t level = 128, int side_px = 4) const {
        const auto png = encode_png(Image(side_px, side_px, level));
        write(relative, {reinterpret_cast<const char*>(png.data()), png.size()});
    }

 private:
    std::filesystem::path path_;
};

/// While it lives, permissions count even for root: the process then acts as nobody. For tests only, of one thread.
class AsNobody {
 public:
    AsNobody() : was_(::geteuid()) {
        if (was_ == 0 && ::seteuid(kNobody) != 0) throw ResourceError("cannot_become", "root cannot act as nobody");
    }
    ~AsNobody() {
        if (was_ == 0 && ::seteuid(was_) != 0) std::abort();
    }
    AsNobody(const AsNobody&) = delete;
    AsNobody& operator=(const AsNobody&) = delete;

 private:
    static constexpr uid_t kNobody = 65534;
    uid_t was_;
};

/// What `action` throws as an Error: "code: message"; empty if it throws none.
template <class Action>
std::string refusal(Action&& action) {
    try {
        action();
    } catch (const Error& error) {
        return error.code() + ": " + error.what();
    }
    return {};
}

}  // namespace affectsr
