// Runs the program itself, for the tests: what it printed, how it ended, how much memory it took.
#pragma once

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "affectsr/base/fields.h"
#include "affectsr/base/temporary_folder.h"
#include "affectsr/image/codec.h"

namespace affectsr::cli {

/// How a run ended.
struct Ran {
    int exit_code = -1;  ///< 128 + signal if a signal ended it
    std::string out, err;
    long peak_kib = 0;  ///< largest resident set
};

/// Runs bash on a script in `folder`; there, `affectsr` is the program under test and its one model has made-up
/// weights.
inline Ran run(const TemporaryFolder& folder, const std::string& script) {
    static const TemporaryFolder models;  // shared by all tests of a process
    static const bool made =
        std::system((std::string(AFFECTSR_RANDOM_MODEL) + " " + (models / "small_net.safetensors").string()).c_str()) ==
        0;
    const std::string whole = "cd '" + folder.path().string() + "'; exec >'" + (folder / ".out").string() + "' 2>'" +
                              (folder / ".err").string() + "'\nexport AFFECTSR_MODELS='" + models.path().string() +
                              "'; export OMP_NUM_THREADS=1\naffectsr() { " + AFFECTSR_PROGRAM + " \"$@\"; }\n" + script;
    const pid_t child = made ? fork() : -1;
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

/// A picture without a face in it, but not of one grey level; another for every `seed`.
inline Image stripes(int width, int height, int seed = 0) {
    Image image(width, height);
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x)
            for (int c = 0; c < 3; ++c)
                image.pixel(x, y)[c] = static_cast<std::uint8_t>((x * (7 + seed) + y * (11 + c) + seed * 31) % 256);
    return image;
}

/// The bytes as the text that TemporaryFolder::fill takes.
inline std::string text_of(std::span<const std::uint8_t> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// A PNG that claims a size in its header and holds nothing.
inline std::string png_header(std::uint32_t width, std::uint32_t height) {
    const auto big_endian = [](std::uint32_t n) {
        std::string bytes;
        for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(n >> shift & 0xFF);
        return bytes;
    };
    const std::string chunk = "IHDR" + big_endian(width) + big_endian(height) + std::string("\x08\x02\0\0\0", 5);
    std::uint32_t crc = 0xFFFFFFFF;  // PNG 1.2, annex D
    for (const char c : chunk) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? 0xEDB88320 ^ (crc >> 1) : crc >> 1;
    }
    return "\x89PNG\r\n\x1A\n" + big_endian(13) + chunk + big_endian(~crc);
}

}  // namespace affectsr::cli
