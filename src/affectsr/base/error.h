// The one family of exceptions that the library throws; three doors (command line, HTTP, worker) catch it.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace affectsr {

/// What went wrong, as the caller must treat it. Exit codes and HTTP statuses follow from the kind (HOUSE rules,
/// README).
enum class ErrorKind {
    usage,     ///< a flag or setting is wrong
    input,     ///< this picture or dataset cannot be read or used; the rest of a batch goes on
    model,     ///< this ModelFile is missing, damaged or does not fit its network
    resource,  ///< disk full, out of memory or descriptors; what was finished stays
    bug,       ///< a promise inside the code was broken
};

/// Base of everything the library throws. `code()` is stable (`decode_failed`, `too_large`, …) and appears in rows and
/// logs alike; `what()` names the thing, the value and the cure. Immutable, so safe to share between threads.
class Error : public std::runtime_error {
 public:
    Error(ErrorKind kind, std::string code, const std::string& message)
        : std::runtime_error(message), kind_(kind), code_(std::move(code)) {}
    ErrorKind kind() const noexcept { return kind_; }
    const std::string& code() const noexcept { return code_; }
    /// The process exit code of this kind: 2 usage, 3 input, 4 model, 5 resource, 1 bug.
    int exit_code() const noexcept;

 private:
    ErrorKind kind_;
    std::string code_;
};

/// A flag or setting is wrong; the message lists the right ones.
struct UsageError : Error {
    explicit UsageError(const std::string& message, std::string code = "bad_setting")
        : Error(ErrorKind::usage, std::move(code), message) {}
};
/// A picture or dataset cannot be read or used, or is over a limit.
struct InputError : Error {
    InputError(std::string code, const std::string& message) : Error(ErrorKind::input, std::move(code), message) {}
};
/// A ModelFile is missing, damaged or does not fit its network.
struct ModelError : Error {
    ModelError(std::string code, const std::string& message) : Error(ErrorKind::model, std::move(code), message) {}
};
/// The machine ran out of something: disk, memory, descriptors.
struct ResourceError : Error {
    ResourceError(std::string code, const std::string& message)
        : Error(ErrorKind::resource, std::move(code), message) {}
};
/// A precondition inside the code was broken; thrown by AFFECTSR_EXPECT.
struct Bug : Error {
    explicit Bug(const std::string& message) : Error(ErrorKind::bug, "internal", message) {}
};

namespace detail {
[[noreturn]] void throw_bug(const char* condition, const std::string& message, const char* file, int line);
}

}  // namespace affectsr

/// Checks a precondition between parts of this code (never outside input); throws Bug with the place and the message.
#define AFFECTSR_EXPECT(condition, message) \
    (static_cast<bool>(condition) ? void(0) : ::affectsr::detail::throw_bug(#condition, (message), __FILE__, __LINE__))
