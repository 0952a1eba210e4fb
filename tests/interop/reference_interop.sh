#!/bin/sh
# Marks with weightmark and detects with the Python reference of the scheme, and the reverse; then
# careful sketches and carried frames of both.
#
#   reference_interop.sh [PATH/TO/weightmark]      (default: build/weightmark of this source tree)
#
# The reference is ../shared/reference/ctss.py beside the source tree, or WMK_REFERENCE, and
# adversary.py in the same folder. Exit codes: 0 agreed, 1 disagreed, 77 skipped (one line states
# the reason).
set -u
here=$(cd "$(dirname "$0")" && pwd)
reference=${WMK_REFERENCE:-$here/../../../shared/reference/ctss.py}
python=${WMK_PYTHON:-python3}
program=${1:-$here/../../build/weightmark}

skip() {
  echo "skip - reference interop: $1"
  exit 77
}

[ -x "$program" ] || { echo "reference interop: program '$program' not found" >&2; exit 2; }
[ -f "$reference" ] || skip "no reference implementation (WMK_REFERENCE may name one)"
command -v "$python" >/dev/null 2>&1 || skip "no python3"
for module in numpy torch safetensors; do
  "$python" -c "import $module" >/dev/null 2>&1 || skip "python3 has no $module"
done
result=0
for script in reference_interop.py adversary_interop.py; do
  "$python" "$here/$script" "$program" "$reference" || result=$?
done
exit "$result"
