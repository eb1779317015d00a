"""traceability.py: requirements, and what in the tree speaks for them; nothing is proved or run for it."""
from contig.traceability import report
from evidence import ROOT
from run import Run


def look(run: Run) -> None:
    """Counts requirements; a gap falls short."""
    run.evidence["traceability"] = found = report.evidence(ROOT)
    counts = ", ".join("%d %s" % (count, kind) for kind, count in found["counts"].items())
    gaps = len(found["gaps"])
    run.say("%d requirements: %s; %d gaps" % (len(found["requirements"]), counts, gaps))
    if gaps:
        run.fell_short("%d gaps between requirements and evidence" % gaps)
