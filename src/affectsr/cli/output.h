// Where results go: stdout or a file, written at once, every failure noticed.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace affectsr::cli {

/// Whoever read our stdout has gone (`| head -1`): the run ends quietly. Not an Error: nothing went wrong.
struct ReaderGone {};

/// The exit code after ReaderGone: 128 + SIGPIPE, as a shell shows a program that the signal ended.
inline constexpr int kReaderGoneExit = 141;

/// What may be in the way of an output file.
enum class IfExists {
    refuse,     ///< UsageError (`output_exists`)
    overwrite,  ///< the new content takes its place whole, when finished; until then the old one stays
    append,     ///< written behind what is there
};

/// A stream of results. Every write reaches the kernel before it returns, so a killed run leaves whole rows but one. A
/// file that was made for results and got none is removed again.
class Output {
 public:
    /// stdout.
    Output();
    /// A file; with IfExists::overwrite rows gather in PATH.part until finish(). Devices and pipes are written in
    /// place. Throws UsageError (`output_exists`), ResourceError (`cannot_write`).
    Output(const std::filesystem::path& path, IfExists if_exists);
    ~Output();
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;

    /// Throws ResourceError (`cannot_write`) naming the output and the cause, ReaderGone for a closed pipe.
    void write(std::string_view text);
    /// Flushes to disk and moves the file to its name. Throws as write().
    void finish();

 private:
    [[noreturn]] void fail(int cause) const;

    int descriptor_;
    bool empty_ = true;                  ///< nothing was written yet
    std::filesystem::path made_;         ///< the file that this object made; empty: it was there, or is a device
    std::string name_;                   ///< in messages
    std::filesystem::path path_, part_;  ///< part_ is empty unless it must be moved over path_
};

/// Writes a whole text to stdout; throws as Output::write.
void print(std::string_view text);

}  // namespace affectsr::cli
