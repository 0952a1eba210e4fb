// Pages that stand alone: no scripts, nothing loaded, the same bytes for the same findings.
//
// Thread-safety: pure functions on the caller's Html.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/html.h"

namespace wmk::report {

// Writes everything up to <main>, which stays open.
void begin_page(const std::string& title, Html& page);

struct Cell {
  std::string text;
  bool is_number = false;
  std::string note;      // in smaller type below the text
  std::string tag = {};  // class of a verdict: "hit", "null", "open"
};
struct Table {
  std::string caption;
  std::vector<std::string> heads;       // column titles
  std::vector<std::vector<Cell>> rows;  // the first cell is the title of its row
};
// On narrow screens each row becomes a card.
void add_table(const Table& table, Html& page);

}  // namespace wmk::report
