#!/bin/sh
# The main job on the samples, in a folder of its own: pages to a bibliography, then into the .bib of a paper.
set -eu
samples=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$samples/refs.bib" "$samples/paper.tex" "$samples/listing.txt" "$samples/listing-compact.txt" \
   "$samples/listing-abstracts.txt" "$samples/arxiv.jsonl" "$work"
cd "$work"
BIBTOOLS_STATE="$work/state"; export BIBTOOLS_STATE

say() { printf '\n\033[1m$ %s\033[0m\n' "$*"; }
plain() { printf '\n$ %s\n' "$*"; }
[ -t 1 ] || say() { plain "$*"; }
run() { say "$*"; "$@"; }

run bibtools convert listing.txt listing-compact.txt arxiv.jsonl --as-of 2026-11-20 -o papers.bib
say "head -n 12 papers.bib"
head -n 12 papers.bib
run bibtools convert listing.txt --as-of 2026-11-20 -o papers.json
run bibtools merge refs.bib listing.txt listing-compact.txt listing-abstracts.txt --as-of 2026-11-20 --dry-run
run bibtools merge refs.bib listing.txt listing-compact.txt listing-abstracts.txt --as-of 2026-11-20 --incomplete rest.jsonl
say "bibtools merge ...  (the same again: nothing left to do)"
bibtools merge refs.bib listing.txt listing-compact.txt listing-abstracts.txt --as-of 2026-11-20 --incomplete rest.jsonl
say "diff refs.bib as it was, refs.bib as it is  (the beginning)"
diff "$samples/refs.bib" refs.bib | head -n 24 || true
run bibtools cited paper.tex --bib refs.bib -o cited.bib
if command -v pdflatex >/dev/null 2>&1 && command -v bibtex >/dev/null 2>&1; then
    say "pdflatex paper && bibtex paper && pdflatex paper"
    pdflatex -interaction=batchmode paper >/dev/null && bibtex -terse paper && pdflatex -interaction=batchmode paper >/dev/null &&
        pdflatex -interaction=batchmode paper >/dev/null && echo "paper.pdf: compiled, every citation found"
fi
