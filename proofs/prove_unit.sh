#!/bin/sh
# prove_unit.sh UNIT SOURCES.tar GOALS.json HINTS.json OPTION...: proofs/run on one unit, in a tree with only what it
# includes.  The test of each proof target; the table goes to the test's outputs, where reports collect it.
set -eu
unit=$1 sources=$PWD/$2 goals=$PWD/$3 hints=$PWD/$4 run=$PWD/proofs/run
shift 4
mkdir "$TEST_TMPDIR/tree"
cd "$TEST_TMPDIR/tree"
tar -xf "$sources"
exec "$run" --goals "$goals" --hints "$hints" --json "$TEST_UNDECLARED_OUTPUTS_DIR/$unit.json" "$@" "$unit"
