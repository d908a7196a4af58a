// Where results go: stdout or a file, written at once, every failure noticed.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "affectsr/program/input_files.h"

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
/// file that was made for results and got none is removed again. A run ends with finish() where its results are whole
/// and with stop() where it was stopped; with neither, after an error, the same is left as after stop().
class Output {
 public:
    /// stdout.
    Output();
    /// A file; with IfExists::overwrite results gather in PATH.part until finish(). Devices and pipes are written in
    /// place. Throws UsageError (`output_exists`, `output_is_folder`; `output_is_input` for one of `inputs`;
    /// `output_in_use` where another run writes it), ResourceError (`cannot_write`).
    Output(const std::filesystem::path& path, IfExists if_exists, const InputFiles& inputs = {});
    /// Warns where results stay in PATH.part.
    ~Output();
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;

    /// Throws ResourceError (`cannot_write`) naming the output and the cause, ReaderGone for a closed pipe.
    void write(std::string_view text);
    /// The results are whole: flushes to disk and moves the file to its name. Throws as write().
    void finish();
    /// The run was stopped: flushes what there is. Part of a result never replaces a whole old one: what gathered in
    /// PATH.part stays there. Throws as write().
    void stop();

 private:
    [[noreturn]] void fail(int cause) const;
    void open(const std::filesystem::path& opened, int how);
    void flush();

    int descriptor_;
    bool empty_ = true;                  ///< nothing was written yet
    std::filesystem::path made_;         ///< the file that this object made; empty: it was there, or is a device
    std::string name_;                   ///< in messages
    std::filesystem::path path_, part_;  ///< part_ is empty unless it must be moved over path_
};

/// Writes a whole text to stdout; throws as Output::write.
void print(std::string_view text);

}  // namespace affectsr::cli
