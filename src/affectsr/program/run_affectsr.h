// Runs the programs themselves, for their tests: what it printed, how it ended, how much memory it took.
#pragma once

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "affectsr/base/fields.h"
#include "affectsr/base/temporary_folder.h"

namespace affectsr::cli {

/// How a run ended.
struct Ran {
    int exit_code = -1;  ///< 128 + signal if a signal ended it
    std::string out, err;
    long peak_kib = 0;  ///< largest resident set
};

/// What the script of a test begins with: `affectsr` and `affectsr-train` are the programs under test, as far as this
/// test knows them, and the one model that lies in $AFFECTSR_MODELS has made-up weights.
inline std::string script_beginning() {
    std::string lines = "export OMP_NUM_THREADS=1\n";
#ifdef AFFECTSR_RANDOM_MODEL
    static const TemporaryFolder models;  // shared by all tests of a process
    static const int made =
        std::system((std::string(AFFECTSR_RANDOM_MODEL) + " " + (models / "small_net.safetensors").string()).c_str());
    lines += made == 0 ? "export AFFECTSR_MODELS='" + models.path().string() + "'\n" : "exit 127\n";
#endif
#ifdef AFFECTSR_PROGRAM
    lines += "affectsr() { " AFFECTSR_PROGRAM " \"$@\"; }\n";
#endif
#ifdef AFFECTSR_TRAIN_PROGRAM
    lines += "affectsr-train() { " AFFECTSR_TRAIN_PROGRAM " \"$@\"; }\n";
#endif
    return lines;
}

/// Runs bash on a script in `folder`, after script_beginning().
inline Ran run(const TemporaryFolder& folder, const std::string& script) {
    const std::string whole = "cd '" + folder.path().string() + "'; exec >'" + (folder / ".out").string() + "' 2>'" +
                              (folder / ".err").string() + "'\n" + script_beginning() + script;
    const pid_t child = fork();
    if (child == 0) {
        execl("/bin/bash", "bash", "-c", whole.c_str(), nullptr);
        _exit(127);
    }
    Ran ran;
    int status = 0;
    rusage usage = {};
    if (child < 0 || wait4(child, &status, 0, &usage) != child) return ran;
    ran.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    ran.out = content_of(folder / ".out");
    ran.err = content_of(folder / ".err");
    ran.peak_kib = usage.ru_maxrss;  // of the shell and the children that it waited for
    return ran;
}

/// The rows of a JSON Lines text. A line that is not JSON becomes null.
inline std::vector<Json> rows_of(const std::string& jsonl) {
    std::vector<Json> rows;
    for (std::size_t begin = 0; begin < jsonl.size();) {
        const std::size_t end = std::min(jsonl.find('\n', begin), jsonl.size());
        const Json row = Json::parse(jsonl.substr(begin, end - begin), nullptr, false);
        rows.push_back(row.is_discarded() ? Json(nullptr) : row);
        begin = end + 1;
    }
    return rows;
}

}  // namespace affectsr::cli
