"""real: well-known programs, unchanged, on goroutine stacks."""
