"""An audit as plain text."""

from __future__ import annotations

from quantize.audit import Audit


def audit_table(result: Audit) -> str:
    """Return an audit as plain text, the worst steps marked."""
    width = max(len(row.step) for row in result.steps)
    kinds = max(len(row.kind) for row in result.steps)
    place = max(len(name) for name in result.steps[0].output_sqnr_db)
    lines = [
        f"NME {result.nme_percent:.3f} % over {result.faces} faces, all steps rounded "
        f"{result.nme_cost_points:+.3f} points",
        f"{'step':{width}}  {'kind':{kinds}} {'range':>16} {'scale':>8} {'channels':>8} "
        f"{'own dB':>7} {'outputs dB':>{place + 7}} {'NME points':>16}",
    ]
    for row in result.steps:
        low, high = row.range
        ratio = "" if row.channel_ratio is None else f"{row.channel_ratio:.1f}"
        line = (
            f"{row.step:{width}}  {row.kind:{kinds}} {low:7.2f} {high:8.2f} {row.scale:8.5f} "
            f"{ratio:>8} {row.sqnr_db:7.1f} {row.harmed_output:>{place}} {row.harm_db:6.1f} "
            f"{row.nme_cost_points:+8.4f} ±{row.nme_cost_error:.4f}"
        )
        worst = {"SQNR": result.worst_by_sqnr, "NME": result.worst_by_nme}
        marks = " and ".join(name for name, bad in worst.items() if row is bad)
        lines.append(f"{line}  <- worst {marks}" if marks else line)
    return "\n".join(lines)
