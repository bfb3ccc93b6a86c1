"""Print the NME of shipped models on the first bundled faces: ``error.py FACES``, on any machine."""

import json
import sys
from pathlib import Path

import calib_data
from edge.models import shipped_models
from edge.runtime import open_network
from landmarks.faces import read_labelled_faces
from landmarks.locate import Localizer
from landmarks.score import score

faces = read_labelled_faces(Path(calib_data.__file__).parent / "faces")[: int(sys.argv[1])]
figures = {
    path.name: score(Localizer.of(open_network(path, threads=1)), faces).nme_percent
    for path in shipped_models()
}
print(json.dumps({"n": len(faces), "nme_percent": figures}))
