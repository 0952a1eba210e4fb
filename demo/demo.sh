#!/usr/bin/env bash
# The story of a mark: demo.sh [MODEL_DIR]. Without a model it makes a small one; nothing is fetched
# and nothing outside a temporary folder is written. The last line is the verdict.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
program=$top/build/weightmark
if [ $# -gt 0 ]; then
  model=$(cd "$1" 2>/dev/null && pwd) || { echo "demo: error: $1: no such folder" >&2; exit 2; }
fi
lab=$(mktemp -d "${TMPDIR:-/tmp}/weightmark-demo-XXXXXX")
trap 'rm -rf "$lab"' EXIT

say() { printf '%s\n' "$*"; }

# Runs a command in the lab and shows the first two lines of its answer under it. "No" and
# "undecided" (1 and 3) are answers too.
show() {
  local answer code=0
  printf '$ weightmark %s\n' "$*"
  answer=$(cd "$lab" && "$program" "$@" 2>"$lab/said") || code=$?
  if [ "$code" -ne 0 ] && [ "$code" -ne 1 ] && [ "$code" -ne 3 ]; then
    sed 's/^/  /' "$lab/said" >&2
    return "$code"
  fi
  sed -n '1,2s/^/  /p' <<<"$answer"
}

verdict_of() { sed -n 's/.*"verdict": *"\([a-z_]*\)".*/\1/p' | head -n 1; }

if [ $# -gt 0 ]; then
  strength=()
  say "Your model: $model"
else
  "$top/demo/make_model.py" "$lab/model" --hidden 512 --ffn 1536 --layers 5 --vocabulary 8192 \
    >/dev/null
  model=model
  # The mark's z grows with strength and the square root of the weights: 12 M are few, hence 0.01
  # where the default would be 0.004.
  strength=(--strength 0.01 --shares 1)
  say "A small dense model, made up: 5 layers, width 512, 12 M weights that can be marked."
fi

say "Its publisher makes a key and marks the copy that will be released."
show keygen owner.key
show embed "$model" --key owner.key -o released "${strength[@]}"

say "Somebody turns it into a mixture of experts, and reinitialises half of the neurons."
if show attack upcycle released -o upcycled --experts 8 --reinit 0.5 --drift 0.3 --seed 1; then
  rm -rf "$lab/released"
elif [ $# -gt 0 ]; then
  say "  (this model cannot be upcycled: it goes on as it is)"
  mv "$lab/released" "$lab/upcycled"
else
  exit 2
fi
say "Then the residual stream is rotated: no weight has the value it had."
show attack rotate upcycled -o suspect --seed 2
rm -rf "$lab/upcycled"

say "A stranger's key finds nothing in the result; the owner's key finds the mark."
show keygen stranger.key
show detect suspect --key stranger.key
show detect suspect --key owner.key
cd "$lab"
("$program" detect suspect --key owner.key --json 2>/dev/null || true) | verdict_of
