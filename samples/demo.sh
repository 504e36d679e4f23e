#!/bin/sh
# The main job on the samples, in a folder of its own: author pages and a colleague's file go into the .bib of a paper.
set -u
samples=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
for name in refs.bib paper.tex colleague.bib listing.txt listing-compact.txt listing-abstracts.txt references.txt; do
    cp "$samples/$name" "$work" || exit 1
done
cd "$work" || exit 1
BIBTOOLS_STATE="$work/state"; export BIBTOOLS_STATE

bold='' dim='' off=''
[ -t 1 ] && [ -z "${NO_COLOR:-}" ] && bold=$(printf '\033[1m') dim=$(printf '\033[2m') off=$(printf '\033[0m')
title() { printf '\n%s%s%s\n' "$bold" "$*" "$off"; }
indent() { cut -c 1-116 | sed 's/^/    /'; }
merge() { # its report goes to a file; where the command fails, the report says why
    bibtools merge refs.bib listing.txt listing-compact.txt listing-abstracts.txt colleague.bib --as-of 2026-11-20 \
        --incomplete rest.jsonl 2>"$1" || { status=$?; cat "$1"; echo "The demo stops here: bibtools merge ended with status $status."; exit 1; }
}

title "1. In: three pages copied from a browser, a colleague's .bib, and the .bib of a paper, kept by hand"
grep -n -A 4 '^Face Forgery' listing.txt | sed 's/^[0-9]*[:-]//; /^$/d' | indent
echo "    ..."
grep -A 4 'lu-endpoint-22' refs.bib | indent

title "2. One command"
printf '    %sbibtools merge refs.bib listing.txt listing-compact.txt listing-abstracts.txt colleague.bib%s\n' "$dim" "$off"
merge merge.log
tail -n 1 merge.log | indent

title "3. Out: the preprint has become its publication, other bytes of refs.bib have not changed, new papers stand at the end"
diff -U 2 "$samples/refs.bib" refs.bib | grep -v '^---\|^+++' | sed -n '7,19p' | indent
echo "    ..."
grep -A 6 'sun2022faceforgery' refs.bib | indent

title "4. Unsure: shown, never merged unasked (--interactive asks)"
grep -A 2 'zhang24' merge.log | indent
echo "    kept in rest.jsonl, because nothing in it can be cited: $(grep -c . rest.jsonl)"

title "5. The same again"
merge again.log
tail -n 1 again.log | indent

title "6. Are references known works, and right? (samples/verify: one of each verdict)"
bibtools index build "$samples/verify/works.bib" "$samples/verify/retractions.csv" --to known \
    --complete 'venue:Numerische Mathematik:1959' 2>index.log || cat index.log
cp "$samples/verify/refs.bib" to-verify.bib
bibtools verify to-verify.bib --index known 2>/dev/null | indent

title "7. A reference list pasted from a PDF: what is not sure is told"
sed -n '3,6p' references.txt | indent
printf '    %sbibtools convert references.txt -o pasted.bib%s\n' "$dim" "$off"
bibtools convert references.txt -o pasted.bib 2>pasted.log || { cat pasted.log; exit 1; }
sed -n '1,3p;$p' pasted.log | indent
sed -n '/shannon/,/^}/p' pasted.bib | grep -v 'reference =' | indent

if command -v pdflatex >/dev/null 2>&1 && command -v bibtex >/dev/null 2>&1; then
    title "8. pdflatex and bibtex on the paper"
    { pdflatex -interaction=nonstopmode paper && bibtex -terse paper && pdflatex -interaction=nonstopmode paper &&
        pdflatex -interaction=nonstopmode paper; } >tex.log 2>&1 </dev/null
    if [ -s paper.pdf ] && [ -s paper.bbl ] && ! grep -q 'Citation .* undefined' paper.log; then
        echo "    paper.pdf: every citation is found under its old key"
    else
        echo "    left out, the TeX installed here is not complete: $(grep -h -m 1 '^!' tex.log || tail -n 1 tex.log)"
    fi
fi

title "Where to look next"
cat <<'END'
    cd samples && PATH="$PWD/../.venv/bin:$PATH"
    bibtools merge refs.bib listing.txt --dry-run    what would change, and why
    bibtools check refs.bib                          what is wrong with a .bib
    bibtools verify --help                           whether references exist, and are cited right
    bibtools --help                                  the other commands; README.md has recipes
END
