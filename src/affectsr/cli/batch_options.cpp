#include "affectsr/cli/batch_options.h"

#include <map>

namespace affectsr::cli {

RowFormat row_format(const BatchOptions& options, bool stdout_is_terminal) {
    static const std::map<std::string, RowFormat> kByWord = {
        {"text", RowFormat::text}, {"json", RowFormat::json}, {"jsonl", RowFormat::jsonl}, {"csv", RowFormat::csv}};
    std::string word = options.format;
    if (word == "auto") {
        const std::string ending = options.output.extension().string();
        word = ending.empty() ? "" : ending.substr(1);
        if (word == "txt") word = "text";
        if (!kByWord.contains(word)) word = options.output.empty() && stdout_is_terminal ? "text" : "jsonl";
    }
    const RowFormat format = kByWord.at(word);
    if (options.resume && options.output.empty())
        throw UsageError("--resume needs --output FILE (enhance: --rows FILE), the file to go on with");
    if (options.resume && format != RowFormat::jsonl)
        throw UsageError("--resume needs rows as jsonl, which stand by themselves; these are " + word);
    if (options.resume && options.overwrite) throw UsageError("--resume and --overwrite exclude each other");
    if (options.csv_safe && format != RowFormat::csv)
        throw UsageError("--csv-safe needs rows as csv; these are " + word);
    return format;
}

}  // namespace affectsr::cli
