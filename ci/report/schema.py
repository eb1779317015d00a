"""schema.py: checks a JSON value against a schema, as far as spec/evidence.schema.json needs it.

Knows type, properties, required, additionalProperties, items, enum, pattern and minimum; any other word in a schema is
an error, so that none is silently ignored.
"""
import re

TYPES = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}
REMARKS = {"$schema", "title", "description"}
KNOWN = {
    "type",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "enum",
    "pattern",
    "minimum",
}


def faults(value, schema, place="evidence"):
    """Yields a sentence for each difference."""
    for word in schema:
        if word not in KNOWN and word not in REMARKS:
            raise ValueError("the schema uses '%s', which is not supported" % word)
    if "enum" in schema and value not in schema["enum"]:
        yield "%s is %r, not one of %s" % (place, value, schema["enum"])
        return
    if "type" in schema:
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        if not any(TYPES[kind](value) for kind in kinds):
            yield "%s is %s, not %s" % (place, type(value).__name__, " or ".join(kinds))
            return
    if isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value):
        yield "%s is %r, which does not match %s" % (place, value, schema["pattern"])
    if "minimum" in schema and TYPES["number"](value) and value < schema["minimum"]:
        yield "%s is %s, below %s" % (place, value, schema["minimum"])
    if isinstance(value, dict):
        yield from _members(value, schema, place)
    if isinstance(value, list) and "items" in schema:
        for number, one in enumerate(value):
            yield from faults(one, schema["items"], "%s[%d]" % (place, number))


def _members(value, schema, place):
    for name in schema.get("required", []):
        if name not in value:
            yield "%s has no '%s'" % (place, name)
    known, more = schema.get("properties", {}), schema.get("additionalProperties", True)
    for name, one in value.items():
        if name in known:
            yield from faults(one, known[name], place + "." + name)
        elif more is False:
            yield "%s has '%s', which the schema does not know" % (place, name)
        elif isinstance(more, dict):
            yield from faults(one, more, place + "." + name)
