// One input must not end a run of thousands.
#pragma once

#include <atomic>
#include <new>
#include <stop_token>
#include <utility>

#include "affectsr/base/error.h"
#include "affectsr/cli/inputs.h"
#include "affectsr/image/codec.h"

namespace affectsr::cli {

/// The bytes of an input's picture and their name in messages.
std::vector<std::uint8_t> read_input(const Input& input, std::stop_token stop);

/// What `work()` answers to an input, or `failed(code, message)`: for an input that is an error itself, for one that
/// cannot be read or used, and for a broken promise inside the code, which sets `internal_error`. Throws ResourceError,
/// ModelError and UsageError, which end a run, and Interrupted if a stop was asked for while stdin had not ended.
template <class Work, class Failed>
auto answer_or_fail(const Input& input, Work work, Failed failed, std::atomic<bool>& internal_error) {
    if (!input.error_code.empty()) return failed(input.error_code, input.error_message);
    try {
        return work();
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::input) return failed(error.code(), error.what());
        if (error.kind() != ErrorKind::bug) throw;
        internal_error = true;
        return failed(error.code(), error.what());
    } catch (const std::bad_alloc&) {
        throw ResourceError("out_of_memory", "out of memory at " + input.name + "; use fewer --threads, then --resume");
    } catch (const std::exception& error) {
        // OpenCV throws exceptions of its own.
        internal_error = true;
        return failed("internal", error.what());
    }
}

}  // namespace affectsr::cli
