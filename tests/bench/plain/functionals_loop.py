"""A bare loop of opensmile over recordings: `python -m bench.plain.functionals_loop MANIFEST RELEASE SPEC OUT.npy`."""

import json
import sys

import numpy as np
import opensmile
import pandas as pd

manifest, release, spec, out = sys.argv[1:]
smile = opensmile.Smile(
    feature_set=opensmile.FeatureSet[json.loads(spec)["feature_set"]],
    feature_level=opensmile.FeatureLevel.Functionals,
)
found = []
for path in pd.read_parquet(manifest, columns=["utterance", "path"]).sort_values("utterance")["path"]:
    found.append(smile.process_file(f"{release}/{path}").to_numpy(np.float32))
np.save(out, np.concatenate(found))
