"""whole.py: what only a look at all units of src/core together shows.

WP proves a unit from what that unit says of the others.  So all of them must say the same.
"""
import recursion
import separation
import source


def _digests(clauses):
    return {label: source.digest(text) for label, text in clauses.items()}


def one_contract(trees):
    """{file: tree}: each function has the same clauses wherever it is declared, and some."""
    found, homes = [], {}
    for path, tree in trees.items():
        for name in tree.bodies:
            homes.setdefault(name, path)
    for path, tree in trees.items():
        for name, clauses in sorted(tree.contracts.items()):
            if name in tree.bodies and not clauses:
                found.append("%s: %s: it is proved, and its contract has no clause" % (path, name))
            home = homes.get(name, path)
            if _digests(clauses) != _digests(trees[home].contracts[name]):
                found.append(
                    "%s: %s: two contracts for one name, this one and that of %s"
                    % (path, name, home)
                )
    return found


def one_definition(trees):
    """Each word of the vocabulary means the same in each unit, and so does each type, constant and variable."""
    found, homes = [], {}
    for path, tree in trees.items():
        for label, text in [*tree.vocabulary.items(), *tree.declared.items()]:
            home, known = homes.setdefault(label, (path, text.split()))
            if text.split() != known:
                found.append(
                    "%s: %s: two definitions of one word, this one and that of %s"
                    % (path, label, home)
                )
    return found


def findings(trees, own):
    """{file: tree} and {file: functions that are proved there}: sentences, none of them if all is well."""
    vocabulary = {}
    for tree in trees.values():
        vocabulary.update(tree.vocabulary)
    found = one_contract(trees) + one_definition(trees) + recursion.definitions(vocabulary)
    found += [
        "calls in a circle, each proved from the other's contract: " + ", ".join(group)
        for group in recursion.cycles(recursion.calls(trees.values()))
    ]
    for path, tree in trees.items():
        found += [
            "%s: %s" % (path, text)
            for text in recursion.ends(tree) + separation.findings(tree, own[path])
        ]
    return found
