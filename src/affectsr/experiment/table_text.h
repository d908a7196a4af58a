// What a table says, as texts: Markdown, CSV, JSON, and the tables that its page shows.
#pragma once

#include <string>
#include <vector>

#include "affectsr/experiment/page.h"
#include "affectsr/experiment/table.h"

namespace affectsr {

/// The figures of a result as tables of texts: fidelity, then the expression under each judge, then means over
/// trainings where a restorer has several, then whether restoring first helps. Rows that could not be made say "–".
std::vector<PageTable> tables_of(const TableResult& result);

/// Sentences that a reader of the tables must know.
std::vector<std::string> notes_of(const TableRecipe& recipe, const TableResult& result);

/// Title, what is missing, notes, tables, how it was made.
std::string table_markdown(const TableRecipe& recipe, const TableResult& result);
/// {"provenance", "title", "interrupted", "missing", "failed_inputs", "rows", "expressions"}.
Json table_json(const TableRecipe& recipe, const TableResult& result);
/// RFC 4180, a line for every row: figures in full precision, "judge1.ecm" and so on by dots; lists,
/// accounts and the details of paired figures are left out. Empty rows give "".
std::string table_csv(const std::vector<Json>& rows);

/// A number with so many digits after the point; "–" for null.
std::string figure_text(const Json& value, int digits);

}  // namespace affectsr
