/* version.h: what the runtime of ocaml_trace_test.py says that it is. */
#define OCAML_VERSION_STRING "5.99.0"
