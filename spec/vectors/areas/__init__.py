"""areas: what the test vectors ask, one module an area.  The answers come from spec/vectors/model."""
