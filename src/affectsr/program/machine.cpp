#include "affectsr/program/machine.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

namespace affectsr::cli {

namespace {

// As Linux spells them in /proc/cpuinfo.
constexpr std::array<const char*, 13> kFeatures = {"sse4_2",      "avx",      "f16c",     "fma",         "avx2",
                                                   "avx_vnni",    "avx512f",  "avx512bw", "avx512_vnni", "avx512_bf16",
                                                   "avx512_fp16", "amx_tile", "amx_bf16"};

/// What follows "key :" in /proc/cpuinfo, of the first processor.
std::string cpu_line(const std::string& key) {
    std::ifstream info("/proc/cpuinfo");
    for (std::string line; std::getline(info, line);) {
        if (line.rfind(key, 0) != 0) continue;
        const auto colon = line.find(": ");
        return colon == std::string::npos ? "" : line.substr(colon + 2);
    }
    return "";
}

}  // namespace

std::vector<LoadedLibrary> loaded_libraries() {
    std::vector<LoadedLibrary> libraries;
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
        const auto slash = line.find('/');
        if (slash == std::string::npos) continue;
        const std::string file = line.substr(slash);
        std::string name = std::filesystem::path(file).filename().string();
        const auto so = name.find(".so");
        if (so == std::string::npos) continue;
        name.resize(so);
        if (name.rfind("lib", 0) == 0) name.erase(0, 3);
        const auto same = [&](const LoadedLibrary& library) { return library.file == file; };
        if (std::none_of(libraries.begin(), libraries.end(), same)) libraries.push_back({name, file});
    }
    std::sort(libraries.begin(), libraries.end(),
              [](const LoadedLibrary& a, const LoadedLibrary& b) { return a.name < b.name; });
    return libraries;
}

std::string library_file(const std::string& name) {
    for (const LoadedLibrary& library : loaded_libraries())
        if (library.name == name) return library.file;
    return "";
}

std::string version_in(const std::string& file) {
    const auto so = file.rfind(".so.");
    return so == std::string::npos ? "" : file.substr(so + 4);
}

std::vector<std::string> cpu_features() {
    std::vector<std::string> known;
    std::istringstream words(cpu_line("flags"));
    for (std::string word; words >> word;) known.push_back(word);
    std::vector<std::string> features;
    for (const char* feature : kFeatures)
        if (std::find(known.begin(), known.end(), feature) != known.end()) features.emplace_back(feature);
    return features;
}

std::string cpu_name() {
    const std::string name = cpu_line("model name");
    return name.empty() ? "unknown" : name;
}

int usable_cores() {
    return static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

}  // namespace affectsr::cli
