"""A bare loop of opensmile with our configuration: `python -m bench.plain.lld_loop MANIFEST RELEASE SPEC OUT.npy`."""

import json
import sys

import numpy as np
import opensmile
import pandas as pd

from serflow.features.extractors import lld17

manifest, release, spec, out = sys.argv[1:]
spec = json.loads(spec)
options = {"frameSize": str(spec["window_seconds"]), "frameStep": str(spec["hop_seconds"])}
smile = opensmile.Smile(str(lld17.CONFIG), "lld", options=options)
found = []
for path in pd.read_parquet(manifest, columns=["utterance", "path"]).sort_values("utterance")["path"]:
    found.append(lld17._columns(smile.process_file(f"{release}/{path}").to_numpy(np.float32)))
np.save(out, np.concatenate(found))
