#include "tests/bench/run/store_document.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "tests/source_dir.hpp"

namespace ringbench {
namespace {

std::string page() {
  std::ifstream file(source_dir() + "/docs/store.md");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// From the line after a section's title to the next title.
std::string section(const std::string& title) {
  const auto text = page();
  const auto at = text.find("## " + title);
  if (at == std::string::npos) throw std::runtime_error("docs/store.md has no section " + title);
  const auto begin = text.find('\n', at);
  return text.substr(begin, text.find("\n## ", begin) - begin);
}

std::vector<std::string> quoted(const std::string& text) {
  std::vector<std::string> words;
  for (auto open = text.find('`'); open != std::string::npos;) {
    const auto close = text.find('`', open + 1);
    words.push_back(text.substr(open + 1, close - open - 1));
    open = text.find('`', close + 1);
  }
  return words;
}

std::string without_brackets(std::string text) {
  for (auto open = text.find('('); open != std::string::npos; open = text.find('(')) {
    text.erase(open, text.find(')', open) - open + 1);
  }
  return text;
}

std::vector<std::string> rows_of_table(const std::string& text) {
  std::vector<std::string> rows;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("|") && !line.starts_with("|-")) rows.push_back(line);
  }
  return rows;
}

std::string left_cell(const std::string& row) {
  return row.substr(0, row.find('|', 1));
}
std::string right_cell(const std::string& row) {
  return row.substr(row.find('|', 1));
}

// a_{b,c} means a_b and a_c; the first braces are expanded, then what is left.
void expand(const std::string& word, std::vector<std::string>& into) {
  const auto open = word.find('{');
  if (open == std::string::npos) return into.push_back(word);
  const auto close = word.find('}', open);
  std::istringstream choices(word.substr(open + 1, close - open - 1));
  for (std::string choice; std::getline(choices, choice, ',');) {
    expand(word.substr(0, open) + choice + word.substr(close + 1), into);
  }
}

std::vector<std::string> columns_of_cell(const std::string& text) {
  std::vector<std::string> columns;
  for (const auto& row : rows_of_table(text)) {
    const bool parameters = row.starts_with("| the parameters");
    for (auto& word : quoted(parameters ? right_cell(row) : left_cell(row)))
      columns.push_back(word);
  }
  return columns;
}

}  // namespace

std::vector<std::string> documented_columns(const std::string& table) {
  const auto text = section(table + ":");
  if (table == "cell") return columns_of_cell(text);
  // The list is one sentence; remarks in brackets are no columns.
  const auto sentence = without_brackets(text);
  return quoted(
      sentence.substr(0, std::min(sentence.find(": "), sentence.find("then the metrics"))));
}

std::vector<std::string> documented_metrics() {
  std::vector<std::string> metrics;
  for (const auto& row : rows_of_table(section("trial:"))) {
    for (const auto& word : quoted(right_cell(row))) expand(word, metrics);
  }
  return metrics;
}

}  // namespace ringbench
