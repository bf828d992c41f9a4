"""Reads exports with OpenSim's and Pose2Sim's own code, and prints what they found as JSON.

python read.py opensim-trc FILE
python read.py pose2sim-trc FILE
python read.py pose2sim-json FOLDER MODEL
"""

import fnmatch
import json
import os
import sys

KIND, SOURCE, *REST = sys.argv[1:]


def opensim_trc() -> dict:
    import opensim

    table = opensim.TimeSeriesTableVec3(SOURCE)
    rows = [table.getRowAtIndex(index) for index in range(table.getNumRows())]
    return {
        "labels": list(table.getColumnLabels()),
        "t_s": list(table.getIndependentColumn()),
        "places": [[[row[marker][axis] for axis in range(3)] for marker in range(row.size())] for row in rows],
        "units": table.getTableMetaDataString("Units"),
        "rate": float(table.getTableMetaDataString("DataRate")),
    }


def pose2sim_trc() -> dict:
    from Pose2Sim.common import extract_trc_data, read_trc

    places, frames, t_s, markers, _ = read_trc(SOURCE)
    names, with_time = extract_trc_data(SOURCE)
    assert list(names) == list(markers)
    assert with_time.shape == (len(t_s), 1 + 3 * len(markers))
    return {
        "labels": list(markers),
        "t_s": t_s.tolist(),
        "frames": frames.tolist(),
        "places": places.to_numpy().reshape(len(t_s), -1, 3).tolist(),
    }


def pose2sim_json() -> dict:
    """As Pose2Sim's triangulation finds and reads the files of one camera."""
    from anytree import RenderTree
    from Pose2Sim import skeletons
    from Pose2Sim.common import sort_stringlist_by_last_number
    from Pose2Sim.personAssociation import persons_combinations, read_json
    from Pose2Sim.triangulation import extract_files_frame_f

    model = getattr(skeletons, REST[0])
    nodes = [node for _, _, node in RenderTree(model) if node.id is not None]
    found = sort_stringlist_by_last_number(fnmatch.filter(os.listdir(SOURCE), "*.json"))
    frames = []
    for name in found:
        path = os.path.join(SOURCE, name)
        x, y, likelihood = extract_files_frame_f([path], [node.id for node in nodes])
        people = [
            list(zip(*(rows[0] for rows in person), strict=True)) for person in zip(x, y, likelihood, strict=True)
        ]
        assert len(read_json(path)) == len(people)
        assert len(persons_combinations([path])) == max(1, len(people))
        frames.append(people)
    return {"files": found, "labels": [node.name for node in nodes], "frames": frames}


def main() -> None:
    kinds = {"opensim-trc": opensim_trc, "pose2sim-trc": pose2sim_trc, "pose2sim-json": pose2sim_json}
    found = kinds[KIND]()
    print(json.dumps(found))


main()
