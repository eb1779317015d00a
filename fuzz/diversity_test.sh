#!/bin/sh
# diversity_test.sh PROGRAM: the generator reaches every pair of operations and nine triples in ten, and what it makes
# runs without a finding.
exec "$1" --generate=130000 --pairs=100 --triples=90
