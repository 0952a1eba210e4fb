// Untrusted text and numbers on pages.
#include "report/html.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "report/chart.h"
#include "report/page.h"

namespace wmk::report {
namespace {

size_t count_of(const std::string& text, std::string_view part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("html: untrusted text cannot become markup", "[report][bad-input]") {
  CHECK(escape_html("<b onclick=\"x\">'&'</b>") ==
        "&lt;b onclick=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/b&gt;");
  CHECK(escape_html(std::string("a\0b\x1b[31m\n", 9)) == "a\\x00b\\x1b[31m\\x0a");
  CHECK(escape_html("\xFF\xC0\xAF\xED\xA0\x80") == "\\xff\\xc0\\xaf\\xed\\xa0\\x80");
  // Directional marks, joiners, a soft hyphen, a tag, a C1 control, a noncharacter.
  CHECK(escape_html("\u202Ea\u200B\u2066\u00AD\U000E0041\u0085\uFFFE") ==
        "\\u{202e}a\\u{200b}\\u{2066}\\u{ad}\\u{e0041}\\u{85}\\u{fffe}");
  CHECK(escape_html("Grüße, 您好") == "Grüße, 您好");
}

TEST_CASE("html: every element is closed and every attribute is escaped", "[report]") {
  Html page;
  page.open("p", {{"title", "\"><script>"}}).name("<i>").open("code").text("x");
  CHECK(page.finish() ==
        "<!DOCTYPE html>\n<p title=\"&quot;&gt;&lt;script&gt;\"><bdi>&lt;i&gt;</bdi>"
        "<code>x</code></p>\n");
}

TEST_CASE("html: charts leave out values that are not finite", "[report][bad-input]") {
  const double nan = std::nan(""), inf = std::numeric_limits<double>::infinity();
  Html page;
  draw(HeatMap{"t<", "row", "column", {"0", "1"}, {"0", "1"}, {nan, -inf, 2, .25}, true}, page);
  draw(CurveChart{"curves", {nan, inf}, {}}, page);
  draw(std::vector<Bar>{{"a", "b", nan}, {"c", "d", 7}}, page);
  draw(RangeMark{nan, .3, .9}, page);
  draw(HeatMap{}, page);
  const std::string text = page.finish();
  CHECK(count_of(text, "class=\"cell\"") == 2);
  CHECK(count_of(text, "fill-opacity=\"1.000\"") == 1);
  CHECK(count_of(text, "fill-opacity=\"0.500\"") == 1);
  CHECK(count_of(text, "width=\"0.00%\"") == 1);
  CHECK(count_of(text, "width=\"100.00%\"") == 1);
  CHECK(count_of(text, "<circle") == 0);
  CHECK(count_of(text, "nan") + count_of(text, "inf") == 0);
}

}  // namespace wmk::report
