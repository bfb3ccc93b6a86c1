"""Print the NME of models on the first bundled faces: ``error.py FACES MODEL ...``, anywhere."""

import json
import sys
from pathlib import Path

import calib_data
from edge.runtime import open_network
from landmarks.faces import read_labelled_faces
from landmarks.locate import Localizer
from landmarks.measure import score

count, *models = sys.argv[1:]
faces = read_labelled_faces(Path(calib_data.__file__).parent / "faces")[: int(count)]
figures = {
    model: score(Localizer.of(open_network(model, threads=1)), faces).nme_percent
    for model in models
}
print(json.dumps({"n": len(faces), "nme_percent": figures}))
