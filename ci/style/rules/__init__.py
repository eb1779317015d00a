"""rules: the house style, one module a family of rules; base.py has what all of them share.

The rules of a family are in RULES as soon as it is imported.
"""
from rules import code, contracts, lengths, text, whole
from rules.base import RULES

__all__ = ["RULES", "code", "contracts", "lengths", "text", "whole"]
