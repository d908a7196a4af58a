#include "affectsr/train/checkpoint.h"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <system_error>

#include "affectsr/base/error.h"
#include "affectsr/base/file.h"
#include "affectsr/base/log.h"

namespace affectsr {

namespace {

namespace fs = std::filesystem;

/// When this process began, as file times count.
const fs::file_time_type kBegan = fs::file_time_type::clock::now();

void rename_or_refuse(const fs::path& from, const fs::path& to) {
    std::error_code failure;
    fs::rename(from, to, failure);
    if (failure)
        throw ResourceError("cannot_write", to.string() + ": cannot be written: " + failure.message() +
                                                " (the new state is in " + from.string() + ")");
}

bool has_file(const fs::path& file) {
    std::error_code ignored;  // what cannot be looked at cannot be opened either, and says so then
    return fs::exists(fs::symlink_status(file, ignored));
}

/// The process in ".affectsr-PID-NUMBER.tmp", the name that write_file_atomically gives; none for another name.
std::optional<pid_t> writer_of(const std::string& name) {
    constexpr std::string_view kBegin = ".affectsr-", kEnd = ".tmp";
    if (!name.starts_with(kBegin) || !name.ends_with(kEnd)) return std::nullopt;
    pid_t process = 0;
    const char* const end = name.data() + name.size();
    const auto read = std::from_chars(name.data() + kBegin.size(), end, process);
    if (read.ec != std::errc{} || read.ptr == end || *read.ptr != '-' || process <= 0) return std::nullopt;
    return process;
}

}  // namespace

void Checkpoint::save(const fs::path& path) const {
    ModelFile file;
    file.tensors = state;
    file.card.network = "checkpoint";
    file.card.recipe = recipe;
    file.card.trained_on = {{"sources", data}};
    file.card.figures = {
        {"step", step},           {"seconds", seconds},     {"epoch_sums", epoch_sums}, {"threads", threads},
        {"processes", processes}, {"log_bytes", log_bytes}, {"validation", validation}};
    file.save(path);
}

Checkpoint Checkpoint::open(const fs::path& path) {
    ModelFile file = ModelFile::open(path);
    if (file.card.network != "checkpoint" || !file.card.figures.contains("step"))
        throw ModelError("model_damaged", path.string() + " is not a training checkpoint");
    if (!file.card.trained_on.contains("sources") || !file.card.figures.contains("epoch_sums"))
        throw ModelError("old_checkpoint",
                         path.string() +
                             " was made by an older affectsr, which kept other things of a run; go on "
                             "with that one, or remove the file to begin again");
    try {
        const Json& figures = file.card.figures;
        return {file.card.recipe,
                file.card.trained_on["sources"],
                figures.at("step").get<std::uint64_t>(),
                figures.at("epoch_sums").get<std::map<std::string, double>>(),
                figures.at("log_bytes").get<std::int64_t>(),
                figures.at("threads").get<int>(),
                figures.value("processes", 1),
                figures.at("validation"),
                figures.at("seconds").get<double>(),
                std::move(file.tensors)};
    } catch (const Json::exception& error) {
        throw ModelError("model_damaged", path.string() + " is not a training checkpoint: " + error.what());
    }
}

CheckpointFiles::CheckpointFiles(const fs::path& folder, const std::string& name)
    : written_(folder / (name + ".checkpoint.safetensors.next")),
      newest_(folder / (name + ".checkpoint.safetensors")),
      previous_(folder / (name + ".checkpoint.previous.safetensors")) {}

bool CheckpointFiles::exist() const {
    return has_file(written_) || has_file(newest_) || has_file(previous_);
}

void CheckpointFiles::save(const Checkpoint& checkpoint) const {
    // Whole under a name of its own before the others move: between the two renames it is the newest by that name.
    checkpoint.save(written_);
    if (has_file(newest_)) rename_or_refuse(newest_, previous_);
    rename_or_refuse(written_, newest_);
    flush_folder_of(newest_);
}

std::optional<CheckpointFiles::Opened> CheckpointFiles::open_newest() const {
    std::optional<ModelError> first;
    for (const fs::path& file : {written_, newest_, previous_}) {
        if (!has_file(file)) continue;
        try {
            Opened opened{Checkpoint::open(file), file};
            if (first) log(LogLevel::warning, std::string(first->what()) + "; going on from " + file.string());
            return opened;
        } catch (const ModelError& error) {
            if (!first) first = error;
        }
    }
    if (first) throw *first;
    return std::nullopt;
}

void CheckpointFiles::remove() const {
    for (const fs::path& file : {written_, newest_, previous_}) {
        std::error_code failure;
        fs::remove(file, failure);
        if (failure) throw ResourceError("cannot_write", file.string() + ": cannot be removed: " + failure.message());
    }
}

void remove_leftovers(const fs::path& folder) {
    std::error_code ignored;
    std::vector<fs::path> left;
    for (fs::directory_iterator entry(folder, ignored), end; entry != end; entry.increment(ignored)) {
        const std::optional<pid_t> writer = writer_of(entry->path().filename().string());
        if (!writer) continue;
        // Its own number may have been another's before, in a container above all.
        const bool another_had_it = *writer == ::getpid() && fs::last_write_time(entry->path(), ignored) < kBegan;
        if (another_had_it || (::kill(*writer, 0) != 0 && errno == ESRCH)) left.push_back(entry->path());
    }
    for (const fs::path& file : left) {
        if (fs::remove(file, ignored)) log(LogLevel::info, file.string() + ": left by a killed run, removed");
    }
}

}  // namespace affectsr
