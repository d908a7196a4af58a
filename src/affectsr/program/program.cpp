#include "affectsr/program/program.h"

#include <signal.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <new>
#include <numeric>

#include "affectsr/base/error.h"
#include "affectsr/base/log.h"
#include "affectsr/base/text.h"
#include "affectsr/program/output.h"

namespace affectsr::cli {

namespace {

constexpr const char* kExitCodes = R"(
Exit codes:
  0 done · 1 internal error · 2 usage · 3 finished, but some inputs failed · 4 model missing or damaged
  5 out of disk, memory or descriptors · 130, 143 stopped by SIGINT, SIGTERM with a valid partial result
  141 the reader of the results has gone
)";

/// Help that begins with what to type.
class ExamplesFirst : public CLI::Formatter {
 public:
    explicit ExamplesFirst(std::string examples) : examples_(std::move(examples)) { column_width(36); }
    std::string make_description(const CLI::App* app) const override {
        return "Examples:\n" + examples_ + "\n\n" + app->get_description() + "\n\n";
    }

 private:
    std::string examples_;
};

std::string listed(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

const CLI::App& innermost(const CLI::App& app) {
    const std::vector<const CLI::App*> parsed = app.get_subcommands([](const CLI::App* sub) { return sub->parsed(); });
    return parsed.empty() ? app : innermost(*parsed.front());
}

std::string full_name(const CLI::App& app) {
    return app.get_parent() ? full_name(*app.get_parent()) + " " + app.get_name() : app.get_name();
}

std::vector<std::string> flags_of(const CLI::App& app) {
    std::vector<std::string> flags;
    for (const CLI::Option* option : app.get_options())
        for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
    return flags;
}

std::vector<std::string> subcommands_of(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; }))
        names.push_back(sub->get_name());
    return names;
}

std::string did_you_mean(const std::string& typed, const std::vector<std::string>& known) {
    const std::string near = nearest(typed, known);
    return near.empty() ? "" : " (did you mean " + near + "?)";
}

/// What was not understood, and what would have been.
std::string explain(const CLI::ParseError& error, const CLI::App& root) {
    const CLI::App& app = innermost(root);
    const std::string where = full_name(app) + ": ";
    const std::vector<std::string> subcommands = subcommands_of(app);
    // Words that the library could not place explain what it then misses; the first is where the trouble began.
    std::vector<std::string> extras = app.remaining();
    if (extras.empty()) extras = root.remaining(true);
    if (!extras.empty()) {
        std::string word = extras.front();
        if (word.size() > 1 && word[0] == '-') {
            word = word.substr(0, word.find('='));
            return where + "unknown flag " + word + did_you_mean(word, flags_of(app)) + "; known are " +
                   listed(flags_of(app));
        }
        if (!subcommands.empty())
            return where + "unknown command \"" + word + "\"" + did_you_mean(word, subcommands) + "; known are " +
                   listed(subcommands);
        return where + "unexpected \"" + word + "\"; see " + full_name(app) + " --help";
    }
    if (!subcommands.empty() && app.get_subcommands().empty()) return where + "name a command: " + listed(subcommands);
    return where + error.what() + "; see " + full_name(app) + " --help";
}

/// Names that the command-line library would take for something else get "./" in front and mean the same: a folder
/// called "[2021]" (a list to it), and after "--" a file called "-x.jpg" (it forgets the "--" in a sub-command).
void shield_names(std::vector<std::string>& arguments) {
    const auto end_of_flags = std::find(arguments.begin(), arguments.end(), "--");
    for (auto word = end_of_flags; word != arguments.end(); ++word)
        if (word->size() > 1 && word->front() == '-') word->insert(0, "./");
    if (end_of_flags != arguments.end()) arguments.erase(end_of_flags);
    for (std::string& word : arguments) {
        std::error_code ignored;
        if (word.size() > 1 && word.front() == '[' && word.back() == ']' && std::filesystem::exists(word, ignored))
            word.insert(0, "./");
    }
}

int act(const CommandTable& table, std::vector<std::string> arguments) {
    if (table.hand_over) table.hand_over(arguments);
    CLI::App app(table.summary, table.name);
    app.formatter(std::make_shared<ExamplesFirst>(table.examples));
    // The text is made where it is asked for: it looks through the libraries that are loaded.
    app.set_version_flag("--version", std::string(), "version, commit, compiler, libraries");
    app.footer(kExitCodes + ("`" + table.name + " COMMAND --help` tells more."));
    app.require_subcommand(0, 1);
    std::vector<std::pair<CLI::App*, Action>> actions;
    for (const Command& command : table.commands) {
        CLI::App* sub = add_subcommand(app, command.name, command.summary, command.examples);
        actions.emplace_back(sub, command.declare(*sub));
    }
    std::vector<std::string> words = arguments;
    words.insert(words.begin(), table.name);
    shield_names(arguments);
    std::reverse(arguments.begin(), arguments.end());  // as the library's parse() takes them
    try {
        app.parse(arguments);
    } catch (const CLI::CallForHelp&) {
        print(app.help());
        return 0;
    } catch (const CLI::CallForVersion&) {
        print(table.version_text() + "\n");
        return 0;
    } catch (const CLI::ParseError& error) {
        throw UsageError(explain(error, app), "bad_usage");
    }
    const Stop stop;
    for (const auto& [sub, action] : actions)
        if (sub->parsed()) return action({stop, quoted_command(words)});
    const std::string help = app.help();
    std::fputs(help.c_str(), stderr);
    return 2;
}

}  // namespace

CLI::App* add_subcommand(CLI::App& command, const std::string& name, const std::string& summary,
                         const std::string& examples) {
    CLI::App* sub = command.add_subcommand(name, summary);
    sub->formatter(std::make_shared<ExamplesFirst>(examples));
    sub->footer("");  // the parent's would be inherited
    return sub;
}

std::string nearest(const std::string& typed, const std::vector<std::string>& known) {
    std::string best;
    std::size_t least = std::max<std::size_t>(2, typed.size() / 3) + 1;
    for (const std::string& word : known) {
        // Levenshtein's distance, row by row.
        std::vector<std::size_t> row(word.size() + 1);
        std::iota(row.begin(), row.end(), std::size_t{0});
        for (std::size_t i = 0; i < typed.size(); ++i) {
            std::size_t diagonal = row[0]++;
            for (std::size_t j = 0; j < word.size(); ++j) {
                const std::size_t changed = diagonal + (typed[i] == word[j] ? 0 : 1);
                diagonal = row[j + 1];
                row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
            }
        }
        if (row.back() < least) least = row.back(), best = word;
    }
    return best;
}

int run_program(const CommandTable& table, std::vector<std::string> arguments) {
    signal(SIGPIPE, SIG_IGN);  // a reader who left is told by the write that fails
    signal(SIGXFSZ, SIG_IGN);  // and so is a file that may grow no more
    try {
        return act(table, std::move(arguments));
    } catch (const ReaderGone&) {
        return kReaderGoneExit;
    } catch (const Error& error) {
        log(LogLevel::error, std::string(error.what()) + " [" + error.code() + "]");
        return error.exit_code();
    } catch (const std::bad_alloc&) {
        log(LogLevel::error, "out of memory; use fewer --threads [out_of_memory]");
        return 5;
    } catch (const std::exception& error) {
        log(LogLevel::error, std::string("internal error, please report it: ") + error.what() + " [internal]");
        return 1;
    }
}

}  // namespace affectsr::cli
