// A report: rows of figures with an account of how they were made, as JSON, Markdown or CSV.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "affectsr/base/fields.h"

namespace affectsr {

/// "0.1.0".
const char* program_version();
/// Twelve hex digits, with "-modified" if the sources differed from it when they were built; "unknown" without git.
const char* program_commit();

/// How the rows came about: enough to make them again.
struct Provenance {
    std::string version = program_version();
    std::string commit = program_commit();
    std::string command;                                   ///< as a shell would take it
    std::string dataset;                                   ///< its name
    std::string dataset_sha256;                            ///< of its list
    std::int64_t dataset_listed = 0, dataset_skipped = 0;  ///< rows of all splits; of these, unusable ones
    std::int64_t dataset_unreadable = 0;                   ///< folders and links that could not be entered
    std::string split;                                     ///< empty: all
    std::string model;                                     ///< the classifier's name
    std::string model_sha256;                              ///< of its file; empty: it has none
    std::string restorer;                                  ///< its name
    std::string restorer_sha256;                           ///< of its file; empty: it has none
    std::string precision_asked, precision;                ///< of the networks: as asked for, and what was used
    std::uint64_t seed = 0;
    Json options = Json::object();  ///< every setting, given or default
    std::string protocol;           ///< what was done, in a sentence
    unsigned hardware_threads = 0;  ///< of the machine
    std::string date;               ///< UTC, ISO 8601
};
Json to_json(const Provenance& made_by);
/// A Provenance with commit, machine and the date of now filled in.
Provenance provenance_now(std::string command);

/// One column of a table: where its number is in a row and how it is written.
struct Column {
    std::string key;    ///< of the row; dots reach inside: "by_class.fear.recall"
    std::string title;  ///< head of the column
    int digits = -1;    ///< after the decimal point; −1: as it is (whole numbers, texts)
};

/// A view of the rows: their columns under a title.
struct Table {
    std::string title;
    std::vector<Column> columns;
};

/// A small matrix of whole numbers with its labels, shown in Markdown only (JSON has it in the rows).
struct Matrix {
    std::string title;
    std::vector<std::string> columns, rows;
    std::vector<std::vector<std::int64_t>> cells;  ///< [rows][columns]
};

/// An input that is in no figure, or in all of them as a miss, because it could not be read.
struct FailedInput {
    std::string path;      ///< of the picture, the list or the folder
    std::int64_t row = 0;  ///< line of the list that names it; 0: none does
    std::string code, message;
};
/// "3 inputs failed: truncated 2, not_found 1"; "" for none.
std::string failure_count(std::span<const FailedInput> failed);

/// Rows and how they were made. A plain value.
struct Report {
    std::string title;
    Provenance made_by;
    std::vector<Json> rows;  ///< objects with the same keys
    std::vector<Table> tables;
    std::vector<Matrix> matrices;
    std::vector<std::string> notes;   ///< sentences that a reader of the numbers must know
    std::vector<FailedInput> failed;  ///< every one; Markdown names the first twenty
    Json facts = Json::object();      ///< keys that stand beside "rows" in JSON, such as labels
    bool interrupted = false;         ///< made of a part of the faces only

    /// {"provenance": {…}, facts…, "interrupted": bool, "failed_inputs": [{path, row, code, message}], "rows": […]}; a
    /// row of 0 is null.
    Json json() const;
    /// Title, notes, tables, matrices, failed inputs, provenance.
    std::string markdown() const;
    /// RFC 4180, one head line, one line per row, the columns of all tables once each; full precision. If it is
    /// interrupted, a last column "interrupted" says true.
    std::string csv() const;
};

}  // namespace affectsr
