"""contig-cc: its command line, its steps, and what it knows of the C library."""
