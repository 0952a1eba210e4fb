#include "report/style_sheet.h"

namespace wmk::report {

const char kStyleSheet[] = R"css(
:root {
  --paper: #fbfaf7; --card: #ffffff; --ink: #1c1b19; --soft: #5a564e; --line: #d9d4c8;
  --accent: #1f4e79; --other: #9a3d12; --yes: #8c2f1b; --no: #2b6148; --open: #6a5a14;
  --band: #e9e4d8;
  --serif: Charter, "Bitstream Charter", "Source Serif 4", "Iowan Old Style", Palatino,
    "Palatino Linotype", "Noto Serif", "DejaVu Serif", Georgia, serif;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans",
    "DejaVu Sans", sans-serif;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono",
    monospace;
  color-scheme: light dark;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #15171a; --card: #1c1f23; --ink: #ece8df; --soft: #aea89b; --line: #383b41;
    --accent: #8ab8e6; --other: #f0a27a; --yes: #f0a27a; --no: #86c9a5; --open: #d8c26a;
    --band: #2f3238;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; max-width: 70rem; padding: clamp(1.1rem, 4vw, 4rem);
  background: var(--paper); color: var(--ink); font: 1.06rem/1.6 var(--serif);
  counter-reset: part; overflow-wrap: break-word;
}
h1, h2, h3 { line-height: 1.2; text-wrap: balance; }
h1 { font-size: clamp(1.65rem, 4.6vw, 2.7rem); font-weight: 600; letter-spacing: -.012em;
  margin: .5rem 0 1.1rem; max-width: 24em; }
h2 { font-size: 1.38rem; font-weight: 600; margin: 3.2rem 0 .9rem; padding-top: 1rem;
  border-top: 1px solid var(--line); counter-increment: part; }
h2::before { content: counter(part) "."; color: var(--soft); font-weight: 400;
  margin-right: .55em; font-variant-numeric: lining-nums; }
h3 { font-size: 1.06rem; font-weight: 600; margin: 1.9rem 0 .4rem; }
p, ol, ul.plain { max-width: 43rem; margin: .6rem 0; text-wrap: pretty; }
ol { padding-left: 1.6em; }
li { margin: .3rem 0; }
.eyebrow, .label, th, caption, dt, .axis, .number, figcaption, footer { font-family: var(--sans); }
.eyebrow { color: var(--soft); font-size: .82rem; letter-spacing: .04em; margin: 0; }
.lead { font-size: 1.2rem; line-height: 1.5; }
.verdict { border-left: .4rem solid var(--open); padding-left: clamp(.9rem, 2.4vw, 1.8rem); }
.verdict.yes { border-color: var(--yes); } .verdict.no { border-color: var(--no); }
.verdict .word { font: 600 .84rem/1 var(--sans); letter-spacing: .06em; text-transform: uppercase;
  color: var(--open); margin: 1.4rem 0 0; }
.verdict.yes .word { color: var(--yes); } .verdict.no .word { color: var(--no); }
.soft, figcaption, caption { color: var(--soft); }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 19rem), 1fr));
  gap: 1rem; margin: 1.4rem 0; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .35rem;
  padding: 1rem 1.2rem; min-width: 0; }
.card h3 { margin-top: 0; overflow-wrap: anywhere; }
.here { font-weight: 600; }
.here::marker { color: var(--accent); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: .4rem 0; }
dt { color: var(--soft); font-size: .86rem; line-height: 1.9; }
dd { margin: 0; min-width: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; width: 100%; margin: 1.1rem 0; font-size: .92rem;
  line-height: 1.42; }
caption { text-align: left; font-size: .84rem; padding-bottom: .5rem; }
th { text-align: left; font-size: .78rem; font-weight: 600; color: var(--soft);
  vertical-align: bottom; }
tbody th { color: var(--ink); font: 600 .95rem/1.4 var(--serif); vertical-align: top; }
th, td { padding: .55rem .9rem .55rem 0; border-bottom: 1px solid var(--line); }
td { vertical-align: top; overflow-wrap: anywhere; }
thead th { border-bottom: 1.5px solid var(--soft); }
.number { text-align: right; font-size: .88rem; font-variant-numeric: tabular-nums lining-nums;
  white-space: nowrap; overflow-wrap: normal; }
.tag { font: 600 .78rem/1.5 var(--sans); white-space: nowrap; }
.tag.hit { color: var(--yes); } .tag.null { color: var(--no); } .tag.open { color: var(--open); }
.tag.digest { font: .8rem/1.6 var(--mono); white-space: normal; overflow-wrap: anywhere; }
.note { display: block; color: var(--soft); font-size: .86rem; font-weight: 400;
  line-height: 1.45; max-width: 34em; }
.short { white-space: nowrap; overflow-wrap: normal; }
code, pre { font: .86em/1.5 var(--mono); overflow-wrap: anywhere; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: .35rem;
  padding: .8rem 1rem; white-space: pre-wrap; }
figure { margin: 1.2rem 0; min-width: 0; }
figcaption { font-size: .84rem; line-height: 1.5; margin-top: .5rem; max-width: 43rem; }
svg { display: block; width: 100%; height: auto; font-family: var(--sans); fill: var(--soft); }
.map svg { max-width: 36rem; }
.side { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr));
  gap: 1rem 3rem; align-items: start; }
.cell, .bar rect.full, .swatch { fill: var(--accent); }
.frame { fill: var(--card); stroke: var(--line); }
.swatch-frame { fill: none; stroke: var(--line); }
.curve { fill: none; stroke: var(--accent); stroke-width: 2; stroke-linejoin: round; }
.curve.other { stroke: var(--other); stroke-dasharray: 6 4; }
.key { display: inline-block; width: 1.9em; height: 0; border-top: 2px solid var(--accent);
  vertical-align: .28em; margin-right: .4em; }
.key.other { border-top-style: dashed; border-color: var(--other); }
.grid { stroke: var(--line); fill: none; }
.curves { display: grid; gap: .2rem 2.6rem; max-width: 60rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); }
ul.bars { list-style: none; padding: 0; display: grid; gap: .15rem 2.2rem; max-width: none;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr)); }
ul.bars li { display: grid; grid-template-columns: 6.6em 1fr 4em; gap: .7rem; margin: 0;
  align-items: center; font: .82rem/1.7 var(--sans); }
.bar { height: .62rem; } .bar .empty, .band { fill: var(--band); }
.dot { fill: var(--accent); stroke: var(--paper); stroke-width: 2; }
.range { width: 11rem; max-width: 100%; } figure > .range { width: 34rem; }
footer { margin-top: 3.5rem; padding-top: 1rem; border-top: 1px solid var(--line);
  color: var(--soft); font-size: .82rem; }
@media print, (min-width: 72rem) { table.cards tbody th { min-width: 16rem; } }
@media screen and (max-width: 50rem) {
  table.cards, table.cards caption, table.cards tbody, table.cards tr, table.cards td,
    table.cards tbody th { display: block; }
  table.cards thead { display: none; }
  table.cards tr { border-bottom: 1px solid var(--line); padding: .8rem 0; }
  table.cards th, table.cards td { border: 0; padding: .12rem 0; }
  table.cards td { display: grid; grid-template-columns: 6.6rem 1fr; gap: .7rem; }
  table.cards td::before { content: attr(data-name); font: .78rem/1.8 var(--sans);
    color: var(--soft); }
  table.cards td > * { grid-column: 2; min-width: 0; }
  table.cards td.number { text-align: left; white-space: normal; }
  dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; }
}
@page { margin: 16mm 15mm; }
@media print {
  :root { --paper: #fff; --card: #fff; }
  html { font-size: 11.5px; }
  body { max-width: none; padding: 0; font-size: 1rem; line-height: 1.5; }
  h2 { margin-top: 2.2rem; }
  h2, h3, caption { break-after: avoid; }
  figure, tr, li, .card, pre { break-inside: avoid; }
  svg, .key { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  th, td { padding: .4rem .7rem .4rem 0; }
  .side { grid-template-columns: 1fr 1fr; } .curves { grid-template-columns: 1fr 1fr; }
}
)css";

}  // namespace wmk::report
