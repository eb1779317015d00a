"""model: the rules of the specification in Python, from which the test vectors get what they expect.

Shares no code with src/core: numbers are unbounded, blocks are a dictionary, frames are lists.
"""
