"""steps: what ci/verify measures, each with a Run, whose evidence gets a part more.

  traceability   requirements, and what speaks for them
  proofs         src/core with Frama-C/WP
  assembly       linked bytes, with solvers and with ACL2
  tests          Bazel's
  fuzzing        each target on each engine
  traces         traces replayed, and demonstrations
  defects        planted defects, noticed by proofs and found by fuzzing
  benchmarks     bench/run
"""
