"""`make bench`: run the benchmarks, print their figures as they come, one JSON object a line.

python -m tests.benchmarks            all of them
python -m tests.benchmarks render join
python -m tests.benchmarks plan [--json] ["5 x 20" ...]
python -m tests.benchmarks recovery [ROW ...]     alone, for it takes 20 minutes
"""

import json
import sys
from collections.abc import Callable

from tests.benchmarks import density, join, plan, recovery, render, simulate, start

BENCHMARKS: dict[str, Callable[[], object]] = {
    "render": render.run,
    "join": join.run,
    "start": start.run,
    "density": density.run,
    "plan": plan.run,
    "simulate": simulate.run,
}


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all but recovery."""
    if names[:1] == ["recovery"]:
        return recovery.main(names[1:])
    if names[:1] == ["plan"]:
        return plan.main(names[1:])
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        known = ", ".join([*BENCHMARKS, "recovery"])
        print(f"No such benchmark: {', '.join(unknown)}. There are: {known}.")
        return 2
    for name in names or list(BENCHMARKS):
        found = BENCHMARKS[name]()
        for row in found if isinstance(found, list) else [found]:
            print(json.dumps({"benchmark": name, **row}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
