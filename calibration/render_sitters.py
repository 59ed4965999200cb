"""Render sitters with exact truth: pictures for `extract_sitters.py` to look at.

    python calibration/render_sitters.py --assets ../shared/render/assets --work WORK --sitters 400

Runs in an environment of its own, see `render/README.md`. A sitter is a folder of WORK that is
complete once it holds truth.csv. Whoever is there, in `WORK/tables` or in the tables of `data/` is
left out: a run that was ended goes on, and one with more sitters adds to the tables.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

import numpy as np
from render.plan import SEEDS

DATA = Path(__file__).parent / "data"
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "LP_NUM_THREADS")


def already_there(work: Path) -> set[str]:
    """The sitters that need not be rendered."""
    names = {path.stem for path in (work / "tables").glob("*.npz")}
    names |= {path.parent.name for path in work.glob("*/truth.csv")}
    for table in DATA.glob("sitters_*.npz"):
        names |= set(np.load(table)["sitter"].tolist())
    return names


def main() -> None:
    """Render whoever is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--assets", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--split", choices=SEEDS, default="train")
    parser.add_argument("--sitters", type=int, required=True, help="so many of that split in all")
    arguments = parser.parse_args()
    os.environ |= dict.fromkeys(ONE_THREAD, "1")

    from render.assets import Assets, AssetsError
    from render.body import anny

    assets = Assets(arguments.assets)
    anny()
    from render.drawing import Stage
    from render.studio import Studio

    stage = Stage()
    there = already_there(arguments.work)
    for number in range(arguments.sitters):
        name = f"{arguments.split}{number:03}"
        if name in there:
            continue
        before_s = time.process_time()
        try:
            pictures = Studio(stage, assets, arguments.split, number).render(arguments.work / name)
        except AssetsError as error:
            raise SystemExit(f"{error}.\nName the folder of the assets: --assets") from error
        print(f"{name}: {pictures} pictures, {time.process_time() - before_s:.1f} s", flush=True)


if __name__ == "__main__":
    main()
