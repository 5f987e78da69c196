#!/bin/sh
# Changes the scoring code in one place after the other and says which changes no test notices (docs/mutation.md).
# mutmut knows a package by its path below `src`, so it runs in a folder of links, which also keeps its copies out of
# the way; nothing of the project itself is changed. `make mutation JOBS=1` keeps one processor free.
set -eu
folder=build/mutation
mutmut=$PWD/.venv/bin/mutmut

rm -rf "$folder"
mkdir -p "$folder"
ln -s ../../host "$folder/src"
ln -s ../../docs ../../host ../../tests ../../pyproject.toml "$folder"
cd "$folder"
"$mutmut" run ${JOBS:+--max-children "$JOBS"}
"$mutmut" results | while IFS=' :' read -r mutant _; do
    "$mutmut" show "$mutant"
done >survivors.txt
"$mutmut" export-cicd-stats >/dev/null
cat mutants/mutmut-cicd-stats.json
echo
echo "Every change that no test noticed: $folder/survivors.txt"
