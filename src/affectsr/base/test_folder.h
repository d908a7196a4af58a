// A folder that a test fills; it goes away with the object.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "affectsr/base/error.h"
#include "affectsr/base/temporary_folder.h"

namespace affectsr {

/// For tests only. Others may look into it, as AsNobody does.
class TestFolder : public TemporaryFolder {
 public:
    TestFolder() { permit("", 0755); }
    void write(const std::filesystem::path& relative, std::string_view text) const {
        fill(relative.string(), std::string(text));
    }
    /// Sets the permission bits, such as 0 or 0444.
    void permit(const std::filesystem::path& relative, unsigned bits) const {
        std::filesystem::permissions(path() / relative, static_cast<std::filesystem::perms>(bits));
    }
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
