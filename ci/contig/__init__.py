"""contig: what the tools of ci/, fuzz/, bench/ and proofs/ share.

  tool         one sentence and status 2 for everything that cannot be done; no traceback
  arguments    options, numbers, names of files and folders, checked before any work begins
  files        files that are replaced whole or not at all; one run at a time in a folder
  processes    children that end with their parent, each within a bound of time
  environment  the variables that a tool hands on, and a HOME that nobody else can write to
  tree         the files that belong to the tree: those that git tracks, or would add
  debian       Debian's Python and the modules that ci/setup installs
  forked, copied      for tests: scripts run in a forked child; a copy of the tree that is broken and mended
  c_lexer, c_heads      C and ACSL as text: comments, strings, tokens; the heads of functions
  c_reader, contracts   functions, contracts, clauses, vocabulary, as they are written
  c_printed             the same as Frama-C prints them
  anchors, traced, judging   a runtime's sources changed to write events; its trace; `contig conform` on it
  traceability          requirements and what speaks for them (ci/explain)

A tool puts the folder above this one on sys.path and imports these modules by name.  Only Python's own library is
used, but for the modules that debian.py names.
"""
